using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Settings;

/// <summary>Checks what an item asks of execution providers against what is known of them, and reads their options.</summary>
internal static class ProviderSettings
{
    private const string Setting = "ProviderOptions";

    /// <summary>Fills <see cref="ItemSettings.ProviderChoices"/>. What is wrong is added to <paramref name="errors"/>.</summary>
    public static ItemSettings Apply(ItemSettings settings, ICollection<CompilerException> errors)
    {
        CheckOrder(settings, errors);
        CheckPrecision(settings, errors);
        var options = settings.ExecutionProviders.Distinct().ToDictionary(provider => provider, _ => new Dictionary<string, string>());
        foreach (string entry in settings.ProviderOptionText.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                Read(entry, options);
            }
            catch (CompilerException e)
            {
                errors.Add(e);
            }
        }
        return settings with { ProviderChoices = [.. options.Select(pair => new ExecutionProviderChoice(pair.Key, pair.Value))] };
    }

    /// <summary>The CPU runs everything: what comes after it is never asked.</summary>
    private static void CheckOrder(ItemSettings settings, ICollection<CompilerException> errors)
    {
        int cpu = settings.ExecutionProviders.ToList().IndexOf(ExecutionProvider.Cpu);
        if (cpu < 0 || cpu == settings.ExecutionProviders.Count - 1) return;
        string after = string.Join(", ", settings.ExecutionProviders.Skip(cpu + 1));
        errors.Add(DiagnosticTable.ProviderAfterCpu.Error(string.Join(";", settings.ExecutionProviders), after));
    }

    private static void CheckPrecision(ItemSettings settings, ICollection<CompilerException> errors)
    {
        var first = settings.ExecutionProviders[0];
        TargetProfile target = ProviderTargets.Of(first);
        if (!target.Precisions.Contains(settings.Precision))
            errors.Add(DiagnosticTable.PrecisionNotForProvider.Error(settings.Precision, first, string.Join(" or ", target.Precisions), target.OtherPrecisions));
    }

    /// <summary>An option belongs to each provider of the item that knows it: <c>device_id</c> of TensorRT and CUDA is one device.</summary>
    private static void Read(string entry, Dictionary<ExecutionProvider, Dictionary<string, string>> options)
    {
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw DiagnosticTable.SettingMalformed.Error(Setting, entry, "name=value, several with ';' between them");
        string name = entry[..equals].Trim(), value = entry[(equals + 1)..].Trim();
        var known = options.Keys.Select(provider => (Provider: provider, Option: ProviderDescription.Of(provider).FindOption(name))).Where(pair => pair.Option is not null).ToList();
        if (known.Count == 0) throw Unknown(name, options.Keys);
        foreach (var (provider, option) in known)
            options[provider][option!.Name] = option.Parse(value) ?? throw DiagnosticTable.SettingMalformed.Error($"{Setting}: {option.Name}", value, option.Expected);
    }

    private static CompilerException Unknown(string name, IEnumerable<ExecutionProvider> providers)
    {
        string[] names = [.. providers.SelectMany(provider => ProviderDescription.Of(provider).Options).Select(option => option.Name)];
        return DiagnosticTable.ProviderOptionUnknown.Error(name, string.Join(", ", providers), NearestName.Hint(name, names));
    }
}
