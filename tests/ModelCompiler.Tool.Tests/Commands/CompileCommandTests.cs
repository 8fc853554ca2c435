using System.Security.Cryptography;
using System.Text.Json;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class CompileCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Writes_model_manifest_and_report()
    {
        string source = _folder.WriteClassifier();
        CliResult result = Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--name", "Digits", "--class-name", "DigitReader", "--namespace", "My.App", "--accessibility", "internal").Succeeds();
        Assert.Equal(["Digits.model.json", "Digits.onnx", "Digits.provenance.json", "Digits.report.html", "Digits.report.json"], Directory.EnumerateFileSystemEntries(_folder.PathOf("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains($"reading {source}", result.Error, StringComparison.Ordinal);

        Assert.True(ManifestReader.TryRead(File.ReadAllText(_folder.PathOf("out/Digits.model.json")), out ModelManifest? manifest, out string? error), error);
        Assert.Equal(("Digits", "DigitReader", "My.App", false), (manifest.Name, manifest.ClassName, manifest.Namespace, manifest.IsPublic));
        Assert.Equal(FileOf("out/Digits.onnx"), manifest.Model);
        Assert.Equal(FileOf("classifier.onnx"), manifest.Source);
        Assert.Equal(("Float32", 17), (manifest.Precision, manifest.Opset));
        ManifestValue input = Assert.Single(manifest.Inputs);
        Assert.Equal(("image", ManifestElementType.Float32), (input.Name, input.ElementType));
        Assert.Equal([ManifestDimension.Symbolic("N"), ManifestDimension.Fixed(1), ManifestDimension.Fixed(6), ManifestDimension.Fixed(6)], input.Shape!.Value);
        Assert.Equal("scores", Assert.Single(manifest.Outputs).Name);


        string page = File.ReadAllText(_folder.PathOf("out/Digits.report.html"));
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Contains("floating point", page, StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(_folder.PathOf("out/Digits.report.json"))).RootElement;
        Assert.Equal("Digits.onnx", report.GetProperty("model").GetString());
        Assert.Equal((0, 2), (report.GetProperty("nodes").GetProperty("quantized").GetInt32(), report.GetProperty("nodes").GetProperty("float").GetInt32()));
    }

    [Fact]
    public void Int8_without_samples_warns_and_says_how_to_give_some()
    {
        // Of a smaller model, whether integers pay is the machine's to say, and what stays in float32 needs no samples.
        string digits = Path.Combine(PublicModels.RepositoryRoot, "samples", "DigitClassifier", "models", "digits.onnx");
        CliResult result = Cli.Run("compile", digits, "-o", _folder.PathOf("out"), "--precision", "int8").Succeeds();
        Assert.Contains("OM2231", result.Error, StringComparison.Ordinal);
        Assert.Contains("Calibration=", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Prints_one_document_with_the_fields_that_are_promised()
    {
        string source = _folder.WriteClassifier();
        string samples = _folder.WriteSamples(labels: TestModels.Labels);
        JsonElement json = Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--precision", "int8", "--calibration", samples, "--evaluation", samples, "--json").Succeeds().Json;
        Assert.True(File.Exists(json.GetProperty("model").GetString()));
        Assert.True(File.Exists(json.GetProperty("manifest").GetString()));
        Assert.True(File.Exists(json.GetProperty("report").GetString()));
        Assert.Equal(new FileInfo(_folder.PathOf("out/classifier.onnx")).Length, json.GetProperty("bytes").GetInt64());
        // Whether integers pay on so small a model is the machine's to say; the document is consistent either way.
        bool isQuantized = json.GetProperty("nodes").GetProperty("float").GetInt32() == 0;
        Assert.Equal(isQuantized ? 2 : 0, json.GetProperty("nodes").GetProperty("quantized").GetInt32());
        Assert.Equal(24, json.GetProperty("agreement").GetProperty("samples").GetInt32());
        Assert.InRange(json.GetProperty("agreement").GetProperty("outputs")[0].GetProperty("cosine").GetDouble(), 0.99, 1);
        Assert.InRange(json.GetProperty("accuracy").GetProperty("a").GetDouble(), 0, 1);
        Assert.InRange(json.GetProperty("accuracy").GetProperty("b").GetDouble(), 0, 1);
        Assert.True(json.GetProperty("latencyRatio").GetDouble() > 0);
        Assert.True(json.GetProperty("seconds").GetDouble() > 0);
        Assert.Equal(isQuantized, !json.GetProperty("diagnostics").EnumerateArray().Any(problem => problem.GetProperty("code").GetString() == "OM4006"));
        Assert.All(json.GetProperty("products").EnumerateArray(), product => Assert.Equal(isQuantized, product.GetProperty("isQuantized").GetBoolean()));
    }

    [Fact]
    public void Answers_like_its_source_and_explains_what_was_done()
    {
        string source = _folder.WriteClassifier();
        CliResult result = Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--explain").Succeeds();
        Assert.Matches("done: [1-9]", result.Output);
        Assert.Contains("refused: ", result.Output, StringComparison.Ordinal);
        JsonElement json = Cli.Run("compare", source, _folder.PathOf("out/classifier.onnx"), "--data", _folder.WriteSamples(), "--json").Succeeds().Json;
        Assert.InRange(json.GetProperty("outputs")[0].GetProperty("sqnrDb").GetDouble(), 100, double.PositiveInfinity);
    }

    [Fact]
    public void Replaces_earlier_outputs_and_removes_data_that_nothing_refers_to()
    {
        string source = _folder.WriteClassifier();
        _folder.Write("out/classifier.onnx", "old");
        _folder.Write("out/classifier.onnx.data", "old");
        _folder.Write("out/other.txt", "not ours");
        Cli.Run("compile", source, "-o", _folder.PathOf("out")).Succeeds();
        Assert.False(_folder.Has("out/classifier.onnx.data"));
        Assert.True(_folder.Has("out/other.txt"));
        Cli.Run("inspect", _folder.PathOf("out/classifier.onnx")).Succeeds();
    }

    [Fact]
    public void Leaves_earlier_outputs_alone_when_a_budget_is_missed()
    {
        string source = _folder.WriteClassifier();
        _folder.Write("out/classifier.onnx", "old");
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--max-size-mb", "0.0001").Refuses("OM4011", "MaxSizeMB=\"0.0001\"", exitCode: 3);
        Assert.Equal("old", File.ReadAllText(_folder.PathOf("out/classifier.onnx")));
        Assert.Equal(["classifier.onnx"], Directory.EnumerateFileSystemEntries(_folder.PathOf("out")).Select(Path.GetFileName));
    }

    [Fact]
    public void Cannot_hold_a_budget_of_time_where_it_finds_no_inputs()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Reshape", [b.Input("x", 1, Dim.Named("length")), b.Constant(new long[] { 7, 11 })]), new TensorType(ElementType.Float, Shape.Of(7, 11)));
        string source = _folder.Write("picky.onnx", OnnxWriter.ToBytes(b.Model));
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--max-latency-ratio", "2").Refuses("OM4013", "Calibration or Evaluation", exitCode: 3);
        CliResult unmeasured = Cli.Run("compile", source, "-o", _folder.PathOf("out")).Succeeds();
        Assert.Contains("runs on none of those tried", unmeasured.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Holds_the_other_budgets_too()
    {
        string source = _folder.WriteClassifier();
        string samples = _folder.WriteSamples(labels: TestModels.Labels);
        string output = _folder.PathOf("out");
        Cli.Run("compile", source, "-o", output, "--max-latency-ratio", "1e-9").Refuses("OM4012", "MaxLatencyRatio=\"1E-09\"", exitCode: 3);
        Cli.Run("compile", source, "-o", output, "--evaluation", samples, "--min-accuracy", "99.5", "--max-latency-ratio", "1e-9").Refuses("OM4010", "MinAccuracy=\"99.5\"", exitCode: 3);
        Cli.Run("compile", source, "-o", output, "--evaluation", samples, "--max-latency-ratio", "1e-9").Refuses("OM4012", "MaxLatencyRatio=\"1E-09\"", exitCode: 3);
        Cli.Run("compile", source, "-o", output, "--max-size-mb", "1").Succeeds();
    }

    [Fact]
    public void Cuts_to_the_outputs_that_are_wanted_and_fixes_dimensions()
    {
        string source = PublicModels.PathOf(PublicModels.FaceDetector);
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--name", "faces", "--outputs", "Identity_2:0").Succeeds();
        JsonElement json = Cli.Run("inspect", _folder.PathOf("out/faces.onnx"), "--json").Json;
        Assert.Equal("Identity_2:0", Assert.Single(json.GetProperty("outputs").EnumerateArray()).GetProperty("name").GetString());
        Cli.Run("compile", _folder.WriteClassifier(), "-o", _folder.PathOf("out"), "--dimensions", "N=3").Succeeds();
        json = Cli.Run("inspect", _folder.PathOf("out/classifier.onnx"), "--json").Json;
        Assert.Equal("[3,1,6,6]", JsonSerializer.Serialize(json.GetProperty("inputs")[0].GetProperty("shape")));
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--outputs", "Identiti").Refuses("OM2301", "Identity_2:0");
        Cli.Run("compile", _folder.WriteClassifier(), "-o", _folder.PathOf("out"), "--dimensions", "M=3").Refuses("OM2221", "N");
    }

    [Fact]
    public void Compiles_only_the_file_that_is_pinned()
    {
        string source = _folder.WriteClassifier();
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--sha256", new string('0', 64)).Refuses("OM1015", FileOf("classifier.onnx").Sha256);
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--sha256", FileOf("classifier.onnx").Sha256.ToUpperInvariant()).Succeeds();
    }

    private ManifestFile FileOf(string relative)
    {
        byte[] content = File.ReadAllBytes(_folder.PathOf(relative));
        return new ManifestFile(Path.GetFileName(relative), content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
