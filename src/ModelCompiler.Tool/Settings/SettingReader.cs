using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Settings;

/// <summary>Reads names and texts into settings by the one table.</summary>
internal static class SettingReader
{
    /// <summary>Metadata that MSBuild and IDEs put on any item; it means nothing here.</summary>
    private static readonly HashSet<string> Foreign = new(StringComparer.OrdinalIgnoreCase)
    {
        "AutoGen", "BuildAction", "CopyToOutputDirectory", "CopyToPublishDirectory", "CustomToolNamespace", "DependentUpon", "DesignTime", "Generator",
        "InProject", "IsImplicitlyDefined", "LastGenOutput", "Pack", "PackageCopyToOutput", "PackagePath", "SubType", "Visible", "Watch",
    };

    /// <summary>Reads all of them. What is wrong is added to <paramref name="errors"/>, so that the user sees everything at once.</summary>
    public static ItemSettings Read(IEnumerable<KeyValuePair<string, string>> texts, string baseDirectory, ICollection<CompilerException> errors)
    {
        var settings = new ItemSettings();
        var given = new List<GivenSetting>();
        foreach ((string name, string text) in texts)
        {
            if (text.Length == 0 || Foreign.Contains(name)) continue;
            try
            {
                Setting setting = SettingTable.All.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw Unknown(name);
                var value = new SettingText(setting.Name, text.Trim(), baseDirectory);
                settings = setting.Apply(settings, value);
                given.Add(new GivenSetting(setting, value.Text, value.Paths));
            }
            catch (CompilerException e)
            {
                errors.Add(e);
            }
        }
        settings = ProviderSettings.Apply(settings, errors);
        if (settings is { MinAccuracy: not null, Evaluation: null }) errors.Add(DiagnosticTable.SettingNeedsOther.Error("MinAccuracy", "Evaluation", "labelled samples to measure it on"));
        if (settings is { Batch: { } batch, MaxBatch: { } max } && max != batch) errors.Add(DiagnosticTable.BatchExceeded.Error(max, batch));
        return settings with { Given = [.. given.OrderBy(setting => setting.Name, StringComparer.Ordinal)] };
    }

    private static CompilerException Unknown(string name) =>
        DiagnosticTable.SettingUnknown.Error(name, NearestName.Hint(name, SettingTable.All.Select(setting => setting.Name)));
}
