using System.Text;

namespace ModelCompiler.Tool.Settings;

/// <summary>One setting: a metadata of the item and an option of the command line.</summary>
/// <param name="Name">The name of the metadata.</param>
/// <param name="Help">A line for people.</param>
/// <param name="Apply">Reads the text and puts its value into the settings.</param>
internal sealed record Setting(string Name, string Help, Func<ItemSettings, SettingText, ItemSettings> Apply)
{
    /// <summary>Whether it only names what is generated: the compiled model is the same whatever it says.</summary>
    public bool IsPresentation { get; init; }

    /// <summary>Whether it is not there yet: asking for it is an error, and the help of the command line does not offer it.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>The option of the command line: <c>MaxSizeMB</c> is <c>--max-size-mb</c>.</summary>
    public string OptionName
    {
        get
        {
            var option = new StringBuilder("-");
            for (int i = 0; i < Name.Length; i++)
            {
                if (char.IsUpper(Name[i]) && (i == 0 || !char.IsUpper(Name[i - 1]))) option.Append('-');
                option.Append(char.ToLowerInvariant(Name[i]));
            }
            return option.ToString();
        }
    }
}
