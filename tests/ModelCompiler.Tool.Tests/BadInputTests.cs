using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests;

/// <summary>What users get wrong: each kind has a diagnostic of its own, in one line, without a stack trace.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Missing_model() => Compile(_folder.PathOf("no.onnx")).Refuses("OM1001", "no.onnx");

    [Fact]
    public void Folder_instead_of_a_model() => Compile(_folder.Folder).Refuses("OM1014", "folder");

    [Fact]
    public void Empty_model() => Compile(_folder.Write("m.onnx", "")).Refuses("OM1011", "empty");

    [Fact]
    public void Truncated_model()
    {
        byte[] whole = File.ReadAllBytes(_folder.WriteClassifier());
        Compile(_folder.Write("m.onnx", whole.AsSpan(0, whole.Length / 2))).Refuses("OM1003", "ends in the middle");
    }

    [Fact]
    public void Text_instead_of_a_model() => Compile(_folder.Write("m.onnx", "hello, world\n")).Refuses("OM1010", "text");

    [Fact]
    public void Web_page_instead_of_a_model() => Compile(_folder.Write("m.onnx", "<!DOCTYPE html><html></html>")).Refuses("OM1009", "page");

    [Fact]
    public void Git_LFS_pointer_instead_of_a_model() =>
        Compile(_folder.Write("m.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345\n")).Refuses("OM1008", "git lfs pull");

    [Fact]
    public void Model_that_ONNX_Runtime_refuses()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("NoSuchOperator", [b.Input("x", 2)]), new TensorType(ElementType.Float, Shape.Of(2)));
        string model = _folder.Write("m.onnx", OnnxWriter.ToBytes(b.Model));
        Compile(model).Refuses("OM1007", "NoSuchOperator");
        Cli.Run("bench", model).Refuses("OM1007", "NoSuchOperator");
    }

    [Fact]
    public void Output_folder_that_cannot_be_written()
    {
        string model = _folder.WriteClassifier();
        Cli.Run("compile", model, "-o", Path.Combine(_folder.Write("file", "in the way"), "out")).Refuses("OM6002", "cannot be written");
    }

    [Fact]
    public void Unknown_value_of_a_setting() => Compile("m.onnx", "--precision", "Itn8").Refuses("OM2002", "Did you mean 'Int8'?");

    [Fact]
    public void Feature_that_is_not_there_yet() => Compile("m.onnx", "--prune", "Structured:0.3").Refuses("OM2105", "Prune");

    [Fact]
    public void Precision_that_the_provider_does_not_have() =>
        Compile("m.onnx", "--execution-provider", "Cuda;Cpu", "--precision", "Int8").Refuses("OM2332", "Use Float32 or Float16");

    [Fact]
    public void Option_that_the_provider_does_not_have() =>
        Compile("m.onnx", "--execution-provider", "Cuda", "--provider-options", "devce_id=1").Refuses("OM2330", "Did you mean 'device_id'?");

    [Fact]
    public void Value_that_the_option_does_not_take() =>
        Compile("m.onnx", "--execution-provider", "TensorRt", "--provider-options", "trt_builder_optimization_level=9").Refuses("OM2004", "a whole number from 0 to 5");

    [Fact]
    public void Option_without_a_value() =>
        Compile("m.onnx", "--execution-provider", "Cuda", "--provider-options", "use_tf32").Refuses("OM2004", "name=value");

    [Fact]
    public void Budget_that_is_no_number() => Compile("m.onnx", "--max-accuracy-drop", "a bit").Refuses("OM2003", "MaxAccuracyDrop=\"a bit\"");

    [Theory]
    [InlineData("missing", "OM2201", "no.npz")]
    [InlineData("no zip", "OM2203", "hello")]
    [InlineData("pointer", "OM2203", "Git LFS pointer")]
    [InlineData("pickle", "OM2205", "pickled")]
    [InlineData("input", "OM2207", "'image'")]
    [InlineData("extra", "OM2208", "'mask'")]
    [InlineData("type", "OM2209", "holds int64, and the model's input takes float32")]
    [InlineData("shape", "OM2210", "[samples, 1, 6, 6]")]
    [InlineData("none", "OM2212", "no samples")]
    public void Bad_calibration(string kind, string code, string word)
    {
        string data = kind switch
        {
            "missing" => _folder.PathOf("no.npz"),
            "no zip" => _folder.Write("data.npz", "hello, this is text"),
            "pointer" => _folder.Write("data.npz", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\n"),
            "pickle" => _folder.Write("data.npy", NumpyFiles.Npy("|O", [1], "\x80\x04."u8)),
            "input" => Npz(("picture", NumpyFiles.Ramp(0, 1, 1, 6, 6))),
            "extra" => Npz(("image", NumpyFiles.Ramp(0, 1, 1, 6, 6)), ("mask", NumpyFiles.Ramp(0, 1))),
            "type" => Npz(("image", NumpyFiles.Npy<long>(new long[36], 1, 1, 6, 6))),
            "shape" => Npz(("image", NumpyFiles.Ramp(0, 2, 6, 6))),
            _ => Npz(("image", NumpyFiles.Ramp(0, 0, 1, 6, 6))),
        };
        Compile(_folder.WriteClassifier(), "--precision", "Int8", "--calibration", data).Refuses(code, word);
    }

    [Fact]
    public void Evaluation_without_labels() => Compile(_folder.WriteClassifier(), "--evaluation", _folder.WriteSamples()).Refuses("OM2214", "labels");

    [Fact]
    public void Evaluation_with_too_few_labels() =>
        Compile(_folder.WriteClassifier(), "--evaluation", _folder.WriteSamples(labels: [1, 2, 3])).Refuses("OM2215", "should be 24 integers");

    private string Npz(params (string, byte[])[] arrays) => _folder.Write("data.npz", NumpyFiles.Npz(arrays));

    private CliResult Compile(string model, params string[] options) => Cli.Run(["compile", model, "-o", _folder.PathOf("out"), .. options]);
}
