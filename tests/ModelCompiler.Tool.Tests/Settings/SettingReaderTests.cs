using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Settings;
using Xunit;

namespace ModelCompiler.Tool.Tests.Settings;

public class SettingReaderTests
{
    private static readonly string Project = Path.GetFullPath("/project");

    [Fact]
    public void Reads_what_works_today_names_and_words_in_any_case()
    {
        ItemSettings settings = Read(
            ("precision", "int8"), ("ExecutionProvider", "cpu"), ("TargetCpu", "Portable"), ("Calibration", "data\\x.npz"), ("Evaluation", "y.npz"),
            ("MaxAccuracyDrop", "0.2"), ("MinAccuracy", " 98.5 "), ("MaxSizeMB", "1e3"), ("MaxLatencyRatio", "0.9"), ("Sha256", new string('A', 64)),
            ("ClassName", "Digits_2"), ("Namespace", "My.Models"), ("Accessibility", "internal"), ("Outputs", "a; b"), ("Dimensions", "batch=1;width=320"), ("Prune", "none"), ("Batch", "dynamic"), ("Link", "File"));
        Assert.Equal(Precision.Int8, settings.Precision);
        Assert.Equal([ExecutionProvider.Cpu], settings.ExecutionProviders);
        Assert.Equal(["a", "b"], settings.Outputs);
        Assert.Equal(320, settings.Dimensions["width"]);
        Assert.Equal(Path.Combine(Project, "data", "x.npz"), settings.Calibration);
        Assert.Equal(Path.Combine(Project, "y.npz"), settings.Evaluation);
        Assert.Equal((0.2, 98.5, 1000, 0.9), (settings.MaxAccuracyDrop, settings.MinAccuracy, settings.MaxSizeMB, settings.MaxLatencyRatio));
        Assert.Equal(new string('a', 64), settings.Sha256);
        Assert.Equal(("Digits_2", "My.Models", false), (settings.ClassName, settings.Namespace, settings.IsPublic));
    }

    [Fact]
    public void Leaves_the_defaults_where_nothing_is_asked_and_skips_what_MSBuild_puts_on_items()
    {
        ItemSettings settings = Read(("CopyToOutputDirectory", "Always"), ("Visible", "false"), ("Precision", ""));
        Assert.Equal([ExecutionProvider.Cpu], settings.ExecutionProviders);
        Assert.Equal((Precision.Float32, true, null), (settings.Precision, settings.IsPublic, settings.ClassName));
        Assert.Empty(settings.Outputs);
        Assert.Empty(settings.Dimensions);
    }

    [Theory]
    [InlineData("Precison", "Int8", "OM2001", "Did you mean 'Precision'?")]
    [InlineData("Precision", "Int9", "OM2002", "Did you mean 'Int8'?")]
    [InlineData("Precision", "quantized", "OM2002", "Allowed are: Float32, Float16, BFloat16, Mixed, Int8, Int8Dynamic, Int4, Auto.")]
    [InlineData("Precision", "3", "OM2002", "Allowed are")]
    [InlineData("TuningBudget", "ten minutes", "OM2004", "90s")]
    [InlineData("TuningBudget", "-5m", "OM2004", "90s")]
    [InlineData("ExecutionProvider", "Cpu;Cdua", "OM2002", "Did you mean 'Cuda'?")]
    [InlineData("ExecutionProvider", ";", "OM2002", "Cpu")]
    [InlineData("ExecutionProvider", "Cpu;Cuda", "OM2331", "Cuda would never be asked")]
    [InlineData("ProviderOptions", "device_id=0", "OM2330", "no option of Cpu")]
    [InlineData("Prune", "Structured:much", "OM2002", "Structured:<number>")]
    [InlineData("MaxAccuracyDrop", "little", "OM2003", "from 0 to 100")]
    [InlineData("MaxAccuracyDrop", "0,2", "OM2003", "decimal point")]
    [InlineData("MaxAccuracyDrop", "-1", "OM2003", "from 0 to 100")]
    [InlineData("MaxSizeMB", "NaN", "OM2003", "of at least 0")]
    [InlineData("Dimensions", "width", "OM2302", "width")]
    [InlineData("Sha256", "abc", "OM2004", "64 hexadecimal digits")]
    [InlineData("ClassName", "2 fast", "OM2103", "letters, digits and underscores")]
    [InlineData("Image", "RGBA", "OM2317", "Rgb, Bgr, Gray")]
    [InlineData("Image", "x: RGB; mean=1,2", "OM2317", "one number is needed, or 3")]
    [InlineData("Image", "RGB; scale=1,5", "OM2317", "decimal point")]
    [InlineData("Image", "RGB; std=0", "OM2317", "divided by 0")]
    [InlineData("Image", "RGB; size=3", "OM2317", "none of scale")]
    [InlineData("Namespace", "My..Models", "OM2103", "Namespace")]
    [InlineData("MinAccuracy", "99", "OM2005", "Evaluation")]
    public void Says_what_is_wrong_and_what_is_allowed(string name, string text, string code, string word)
    {
        CompilerException error = Assert.Single(Errors((name, text)));
        Assert.Equal(code, error.Code);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Prune", "structured:0.3")]
    [InlineData("Prune", "2:4")]
    [InlineData("LowRank", "0.5")]
    [InlineData("Train", "Recover")]
    [InlineData("Teacher", "big.onnx")]
    public void Refuses_features_to_come_by_name(string name, string text)
    {
        CompilerException error = Assert.Single(Errors((name, text)));
        Assert.Equal("OM2105", error.Code);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_all_errors_at_once() =>
        Assert.Equal(["OM2002", "OM2003", "OM2105"], Errors(("Precision", "x"), ("MaxSizeMB", "x"), ("Teacher", "x")).Select(error => error.Code));

    [Fact]
    public void Knows_every_metadata_of_the_item()
    {
        string[] names =
        [
            "Precision", "ExecutionProvider", "TargetCpu", "Calibration", "Evaluation", "MaxAccuracyDrop", "MinAccuracy", "MaxSizeMB", "MaxLatencyRatio", "Prune", "LowRank", "Teacher",
            "Train", "TrainingBudget", "Batch", "MaxBatch", "BatchWindowMicroseconds", "Candidates", "EscalateTo", "Confidence", "EarlyExit", "State", "Outputs", "OptionalInputs", "Dimensions", "Rename",
            "ProviderOptions", "Objective", "TuningBudget", "Labels", "Image", "ClassName", "Namespace", "Accessibility", "Link", "Sha256",
        ];
        Assert.Equal(names.Order(), SettingTable.All.Select(setting => setting.Name).Order());
    }

    [Theory]
    [InlineData("Precision", "--precision")]
    [InlineData("MaxAccuracyDrop", "--max-accuracy-drop")]
    [InlineData("MaxSizeMB", "--max-size-mb")]
    [InlineData("Sha256", "--sha256")]
    public void Gives_each_setting_an_option(string name, string option) => Assert.Equal(option, SettingTable.All.Single(setting => setting.Name == name).OptionName);

    private static ItemSettings Read(params (string Name, string Text)[] texts)
    {
        var errors = new List<CompilerException>();
        ItemSettings settings = Read(texts, errors);
        Assert.Empty(errors);
        return settings;
    }

    private static List<CompilerException> Errors(params (string Name, string Text)[] texts)
    {
        var errors = new List<CompilerException>();
        Read(texts, errors);
        return errors;
    }

    private static ItemSettings Read((string Name, string Text)[] texts, List<CompilerException> errors) =>
        SettingReader.Read(texts.Select(pair => KeyValuePair.Create(pair.Name, pair.Text)), Project, errors);
}
