using System.CommandLine;
using ModelCompiler.Onnx;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Commands;

/// <summary>The settings of an item as options of a command.</summary>
internal sealed class SettingOptions
{
    private readonly List<(Setting Setting, Option<string?> Option)> _options =
        [.. SettingTable.All.Select(setting => (setting, new Option<string?>(setting.OptionName) { Description = setting.Help, HelpName = "value", Hidden = setting.IsPlanned }))];

    public void AddTo(Command command)
    {
        foreach (var (_, option) in _options) command.Add(option);
    }

    /// <exception cref="SettingsException">A setting is wrong; all of them are named.</exception>
    public ItemSettings Read(ParseResult arguments)
    {
        var errors = new List<CompilerException>();
        ItemSettings settings = SettingReader.Read(Texts(arguments), Environment.CurrentDirectory, errors);
        return errors.Count > 0 ? throw new SettingsException(errors) : settings;
    }

    private IEnumerable<KeyValuePair<string, string>> Texts(ParseResult arguments)
    {
        foreach (var (setting, option) in _options)
            if (arguments.GetValue(option) is { } text) yield return new(setting.Name, text);
    }
}
