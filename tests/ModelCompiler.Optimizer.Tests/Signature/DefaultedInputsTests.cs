using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Signature;

public sealed class DefaultedInputsTests
{
    /// <summary>y = x · scale + bias, whose constants passes would otherwise fold and fuse.</summary>
    private static Model Affine(long irVersion = 8)
    {
        var b = new GraphBuilder(irVersion: irVersion);
        Value scale = b.Constant(Tensor.Scalar(2f), "scale");
        Value product = b.Op("Mul", b.Input("x", 1, 4), b.Op("Exp", scale));
        b.Output("y", b.Op("Add", product, b.Constant(Tensor.Vector(1f, 2, 3, 4), "bias")));
        return b.Model;
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void Have_their_value_until_a_caller_gives_another(long irVersion)
    {
        Model model = Affine(irVersion);
        DefaultedInputs.Apply(model, ["scale"]);
        PassPipeline.Float.Run(new PassContext(model, TargetProfile.CpuPortable));
        Assert.Contains("Exp", model.Graph.Operators());
        Assert.Equal(["x", "scale"], model.Graph.Inputs.Select(input => input.Name));

        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model));
        Assert.Equal(["x"], session.Inputs.Select(input => input.Name));
        Assert.Equal(["scale"], session.OptionalInputs.Select(input => input.Name));
        (string, TensorBuffer) x = ("x", TensorBuffer.Create<float>([1, 4], [1f, 1, 1, 1]));
        float[] Run(params (string, TensorBuffer)[] inputs) => session.Run([x, .. inputs])[0].AsSpan<float>().ToArray();
        Assert.Equal([MathF.Exp(2) + 1, MathF.Exp(2) + 2, MathF.Exp(2) + 3, MathF.Exp(2) + 4], Run());
        Assert.Equal([2, 3, 4, 5], Run(("scale", TensorBuffer.Create<float>([], [0f]))));
    }

    [Fact]
    public void Are_copied_with_the_model_and_written_as_initializers()
    {
        Model model = Affine();
        DefaultedInputs.Apply(model, ["scale", "scale"]);
        Model copy = model.Clone();
        Assert.Equal(2f, copy.Graph.Inputs[1].Default!.AsSpan<float>()[0]);
        Model read = OnnxReader.Read(OnnxWriter.ToBytes(copy).AsMemory());
        // A file does not say which of its initializers are meant to be given.
        Assert.Equal(["x"], read.Graph.Inputs.Select(input => input.Name));
        BitExact.AreSame(BitExact.Run(Affine())[0], BitExact.Run(read)[0], "y");
    }

    [Fact]
    public void Names_the_smallest_initializers_when_one_is_not_there()
    {
        var e = Assert.Throws<CompilerException>(() => DefaultedInputs.Apply(Affine(), ["x"]));
        Assert.Equal("OM2310", e.Code);
        Assert.Contains("OptionalInputs names 'x', which is no initializer", e.Message, StringComparison.Ordinal);
        Assert.Contains("'scale' (float[])", e.Message, StringComparison.OrdinalIgnoreCase);
    }
}
