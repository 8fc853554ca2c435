using System.Text.Json;
using System.Xml.Linq;
using ModelCompiler.Onnx;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Settings;
using Xunit;

namespace ModelCompiler.Tool.Tests.Settings;

/// <summary>The page that Visual Studio shows for an item offers what the table has, in its words.</summary>
public sealed class PropertyPageTests
{
    private static readonly XNamespace Schema = "http://schemas.microsoft.com/build/2009/properties";

    /// <summary>Properties of every file's page, and the name, which the build decides by.</summary>
    private static readonly string[] OfEveryItem = ["{}{ItemType}", "Identity", "FileNameAndExtension", "FullPath", "Name"];

    private static readonly XElement Rule = XDocument.Load(DotNet.BuildFact("PropertyPage")).Root!.Element(Schema + "Rule")!;

    private static readonly IReadOnlyList<XElement> Properties = [.. Rule.Elements().Where(element => element.Name.LocalName.EndsWith("Property", StringComparison.Ordinal))];

    [Fact]
    public void Lists_each_setting_that_works_with_its_help()
    {
        var expected = SettingTable.All.Where(IsThere).Select(setting => $"{setting.Name}: {setting.Help}");

        var shown = Properties.Where(property => !OfEveryItem.Contains(NameOf(property))).Select(property => $"{NameOf(property)}: {(string?)property.Attribute("Description")}");

        Assert.Equal(expected.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Offers_only_values_that_are_accepted_the_default_first()
    {
        XElement[] enums = [.. Properties.Where(property => property.Name.LocalName == "EnumProperty")];
        Assert.NotEmpty(enums);
        foreach (XElement property in enums)
        {
            string[] values = [.. property.Elements(Schema + "EnumValue").Select(NameOf)];
            Assert.True(values.Length > 1);
            Assert.All(values, value => Assert.Empty(ErrorsOf(NameOf(property), value)));
            Assert.Equal(values[0], NameOf(Assert.Single(property.Elements(Schema + "EnumValue"), value => (string?)value.Attribute("IsDefault") == "true")));
            Assert.Equal(Values(new Dictionary<string, string>()), Values(new Dictionary<string, string> { [NameOf(property)] = values[0] }));
        }
    }

    [Fact]
    public void Every_property_is_in_a_category_of_the_page()
    {
        string[] categories = [.. Rule.Descendants(Schema + "Category").Select(NameOf)];

        Assert.All(Properties.Where(property => (string?)property.Attribute("Visible") != "false"), property => Assert.Contains((string?)property.Attribute("Category"), categories));
    }

    /// <summary>Whether it is no feature to come, which refuses any value.</summary>
    private static bool IsThere(Setting setting) => !ErrorsOf(setting.Name, "Auto").Concat(ErrorsOf(setting.Name, "Recover")).Any(error => error.Code == "OM2105");

    private static List<CompilerException> ErrorsOf(string name, string value)
    {
        var errors = new List<CompilerException>();
        SettingReader.Read(new Dictionary<string, string> { [name] = value }, "/", errors);
        return errors;
    }

    private static string Values(Dictionary<string, string> texts) => JsonSerializer.Serialize(SettingReader.Read(texts, "/", []) with { Given = [] });

    private static string NameOf(XElement element) => (string)element.Attribute("Name")!;
}
