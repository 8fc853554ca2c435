using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>One option of an execution provider: its name, and what its value may be.</summary>
public sealed record ProviderOption
{
    private ProviderOption(string name, ProviderOptionKind kind)
    {
        Name = name;
        Kind = kind;
    }

    /// <summary>The name as the provider spells it.</summary>
    public string Name { get; }

    public ProviderOptionKind Kind { get; }

    /// <summary>The range of a number, its ends included.</summary>
    public (long Minimum, long Maximum) Range { get; private init; }

    /// <summary>The words of a choice, or of a switch.</summary>
    public IReadOnlyList<string> Choices { get; private init; } = [];

    /// <summary>What a value should be, for people.</summary>
    public string Expected => Kind switch
    {
        ProviderOptionKind.Number => Range.Maximum == long.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"a whole number from {Range.Minimum} on")
            : string.Create(CultureInfo.InvariantCulture, $"a whole number from {Range.Minimum} to {Range.Maximum}"),
        ProviderOptionKind.Text => "a text",
        _ => "one of " + string.Join(", ", Choices),
    };

    internal static ProviderOption Switch(string name) => new(name, ProviderOptionKind.Switch) { Choices = ["0", "1"] };

    /// <summary>A switch of a provider that compares words.</summary>
    internal static ProviderOption WordSwitch(string name) => new(name, ProviderOptionKind.Switch) { Choices = ["false", "true"] };

    internal static ProviderOption Number(string name, long minimum = 0, long maximum = long.MaxValue) =>
        new(name, ProviderOptionKind.Number) { Range = (minimum, maximum) };

    internal static ProviderOption Choice(string name, params string[] choices) => new(name, ProviderOptionKind.Choice) { Choices = choices };

    internal static ProviderOption Text(string name) => new(name, ProviderOptionKind.Text);

    /// <summary>Reads a value as a person may write it.</summary>
    /// <returns>The value as the provider spells it, or null where it takes no such value.</returns>
    public string? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Kind switch
        {
            ProviderOptionKind.Text => text.Length > 0 ? text : null,
            ProviderOptionKind.Number => ParseNumber(text),
            ProviderOptionKind.Switch => Find(text) ?? ParseSwitch(text),
            _ => Find(text),
        };
    }

    private string? ParseNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= Range.Minimum && number <= Range.Maximum
            ? number.ToString(CultureInfo.InvariantCulture)
            : null;

    private string? ParseSwitch(string text) =>
        text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) ? Choices[1]
        : text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) ? Choices[0]
        : null;

    private string? Find(string text) => Choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase));
}
