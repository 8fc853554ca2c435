namespace ModelCompiler.Tool.Settings;

/// <summary>A setting that an item or a command line gives.</summary>
/// <param name="Setting">Which one.</param>
/// <param name="Text">Its text.</param>
/// <param name="Paths">Full paths of the files and folders that it names; empty where it names none.</param>
internal sealed record GivenSetting(Setting Setting, string Text, IReadOnlyList<string> Paths)
{
    public string Name => Setting.Name;
}
