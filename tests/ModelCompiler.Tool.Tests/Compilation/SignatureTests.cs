using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

/// <summary>Signatures that are seldom, from the file to the answer.</summary>
public sealed class SignatureTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_output_twice_an_input_passed_through_a_string_and_no_elements()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("batch"), 2), ids = b.Input("ids", ElementType.Int64, Dim.Named("batch"));
        Value name = b.Input("name", ElementType.String), past = b.Input("past", 1, 0, 2);
        b.Output("y", b.Op("Relu", x), new TensorType(ElementType.Float, new Shape(Dim.Named("batch"), 2)));
        b.Graph.AddOutput(b.Graph.Outputs[0]);
        b.Graph.AddOutput(ids);
        b.Output("same", b.Op("Identity", name), name.Type);
        b.Output("none", b.Op("Identity", past), past.Type);

        Cli.Run("compile", _folder.Write("odd.onnx", OnnxWriter.ToBytes(b.Model)), "-o", _folder.PathOf("out")).Succeeds();
        Assert.True(ManifestReader.TryRead(File.ReadAllText(_folder.PathOf("out/odd.model.json")), out ModelManifest? manifest, out string? error), error);
        Assert.Equal(["x", "ids", "name", "past"], manifest.Inputs.Select(input => input.Name));
        Assert.Equal(["y", "ids", "same", "none"], manifest.Outputs.Select(output => output.Name));

        using var session = InferenceSession.Open(_folder.PathOf("out/odd.onnx"));
        TensorBuffer[] answers = session.Run(
        [
            ("x", TensorBuffer.Create<float>([1, 2], [-1, 3])), ("ids", TensorBuffer.Create<long>([1], [7])),
            ("name", TensorBuffer.Create([], ["\u00e9"])), ("past", TensorBuffer.Create<float>([1, 0, 2], [])),
        ]);
        Assert.Equal([0, 3], answers[0].AsSpan<float>().ToArray());
        Assert.Equal(7, answers[1].AsSpan<long>()[0]);
        Assert.Equal(["\u00e9"], answers[2].Strings);
        Assert.Equal([1, 0, 2], answers[3].Shape.ToArray());
    }

    [Fact]
    public void No_inputs_at_all()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("ConstantOfShape", b.Constant([2L, 3L], 2)), new TensorType(ElementType.Float, Shape.Of(2, 3)));

        Cli.Run("compile", _folder.Write("none.onnx", OnnxWriter.ToBytes(b.Model)), "-o", _folder.PathOf("out")).Succeeds();
        using var session = InferenceSession.Open(_folder.PathOf("out/none.onnx"));
        Assert.Equal(new float[6], Assert.Single(session.Run([])).AsSpan<float>().ToArray());
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(64, false)]
    public void The_manifest_tells_whether_weights_that_came_as_integers_may_saturate(sbyte weight, bool isNeeded)
    {
        var b = new GraphBuilder();
        Value scale = b.Scalar(0.01f), zero = b.Scalar((byte)0);
        Value x = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", Dim.Named("batch"), 8), scale, zero), scale, zero);
        Value w = b.Op("DequantizeLinear", b.Constant(Enumerable.Repeat(weight, 32).ToArray(), 8, 4), scale, b.Scalar((sbyte)0));
        b.Output("y", b.Op("MatMul", x, w), new TensorType(ElementType.Float, new Shape(Dim.Named("batch"), 4)));

        Cli.Run("compile", _folder.Write("given.onnx", OnnxWriter.ToBytes(b.Model)), "-o", _folder.PathOf("out")).Succeeds();

        Assert.True(ManifestReader.TryRead(File.ReadAllText(_folder.PathOf("out/given.model.json")), out ModelManifest? manifest, out string? error), error);
        Assert.Equal(isNeeded, manifest.NeedsExactIntegers);
    }
}
