using System.Globalization;

namespace ModelCompiler.Generator.Naming;

/// <summary>Names of one scope, each given once: a second <c>Logits</c> is <c>Logits2</c>.</summary>
internal sealed class NameScope(params string[] reserved)
{
    private readonly HashSet<string> _taken = new(reserved, StringComparer.Ordinal);
    private readonly List<string> _renamed = [];

    /// <summary>The names that had to give way to an equal one.</summary>
    public IReadOnlyList<string> Renamed => _renamed;

    /// <summary>A scope within this one: the same names are taken, and what it gives stays its own.</summary>
    public NameScope Inner() => new([.. _taken]);

    public string Add(string name)
    {
        if (_taken.Add(name))
        {
            return name;
        }

        int number = 2;
        while (!_taken.Add(Numbered(name, number)))
        {
            number++;
        }

        _renamed.Add(Numbered(name, number));
        return Numbered(name, number);
    }

    /// <summary>With a digit at its end, a number would read as part of the name.</summary>
    private static string Numbered(string name, int number) =>
        name + (name[name.Length - 1] is >= '0' and <= '9' ? "_" : "") + number.ToString(CultureInfo.InvariantCulture);
}
