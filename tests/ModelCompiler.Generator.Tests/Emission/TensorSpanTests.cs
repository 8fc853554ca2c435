using ModelCompiler.Manifests;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Tensors of System.Numerics.Tensors, which bring their shapes: where the program has the library, and the model leaves shapes open.</summary>
public sealed class TensorSpanTests : IDisposable
{
    private const string Using = "System.Numerics.Tensors.";

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Shapes_come_with_the_tensors() => Assert.Equal("1,2,3,4,5,6 [1,3,2] 7,8 [2,1] 9", Call(
        [Tensor("a", 1, "H", "W"), Tensor("b", "W", 1), Tensor("k")],
        $$"""
        {
            var a = new {{Using}}ReadOnlyTensorSpan<float>(new float[] { 1, 2, 3, 4, 5, 6 }, new nint[] { 1, 3, 2 });
            var b = new {{Using}}ReadOnlyTensorSpan<float>(new float[] { 7, 8 }, new nint[] { 2, 1 });
            var r = p.Predict(a, b, 9);
            return Show(r.AOut) + " " + Show(r.BOut) + " " + r.KOut;
        }
        """));

    [Fact]
    public void Strides_are_followed() => Assert.Equal("2,3,5,6 [2,2]", Call(
        [Tensor("x", "N", "M")],
        $$"""
        {
            var all = new {{Using}}ReadOnlyTensorSpan<float>(new float[] { 1, 2, 3, 4, 5, 6 }, new nint[] { 2, 3 });
            return Show(p.Predict(all.Slice(new NRange[] { NRange.All, new NRange(1, 3) })).XOut);
        }
        """.Replace("NRange", "System.Buffers.NRange", StringComparison.Ordinal)));

    [Fact]
    public void A_shape_that_does_not_fit_is_refused() => Assert.Contains("'x'", Call(
        [Tensor("x", "N", 2)],
        $$"""
        {
            try
            {
                p.Predict(new {{Using}}ReadOnlyTensorSpan<float>(new float[] { 1, 2, 3 }, new nint[] { 1, 3 }));
                return "";
            }
            catch (TensorMismatchException e)
            {
                return e.Message;
            }
        }
        """), StringComparison.Ordinal);

    [Fact]
    public void Programs_without_the_library_and_fixed_shapes_have_no_such_overload()
    {
        var open = Of("model", [Tensor("x", "N", 2)], [Tensor("y", "N", 2)]);
        var isFixed = Of("model", [Tensor("x", 1, 2)], [Tensor("y", 1, 2)]);

        Assert.DoesNotContain("TensorSpan", new GeneratorRun(open).AssertCompiles().Source, StringComparison.Ordinal);
        Assert.DoesNotContain("TensorSpan", With(isFixed).Source, StringComparison.Ordinal);
        Assert.Contains("TensorSpan", With(open).Source, StringComparison.Ordinal);
    }

    /// <summary>The compiler of these tests knows C# 12, where both kinds of span are as good for an array.</summary>
    [Fact]
    public void An_array_is_not_ambiguous() => Assert.Equal("1,2 [1,2] 1,2,3,4 [2,2] 3,4 [1,2]", Call(
        [Tensor("x", "N", 2), Tensor("k")],
        """
        {
            float[] one = { 1, 2 };
            return Show(p.Predict(one, 9).XOut) + " " + Show(p.Predict(new float[] { 1, 2, 3, 4 }, 9, 2).XOut) + " " + Show(p.Predict(new Span<float>(new float[] { 3, 4 }), 9).XOut);
        }
        """));

    [Fact]
    public void An_array_beside_a_span_is_not_ambiguous() => Assert.Equal("1,2 [1,2] 3 [1,1]", Call(
        [Tensor("a", "N", 2), Tensor("b", "N", 1)],
        """
        {
            float[] b = { 3 };
            var both = p.Predict(new float[] { 1, 2 }, b);
            var mixed = p.Predict(new ReadOnlySpan<float>(new float[] { 1, 2 }), b);
            return Show(both.AOut) + " " + Show(mixed.BOut);
        }
        """));

    private static GeneratorRun With(ModelManifest manifest) =>
        new GeneratorRun([new GeneratorRun.ManifestText(manifest.Name, ManifestWriter.Write(manifest))], "", GeneratorRun.TensorLibrary).AssertCompiles();

    private string Call(ManifestValue[] inputs, string body)
    {
        var outputs = inputs.Select(input => input with { Name = input.Name + "_out" }).ToArray();
        return GeneratedProgram.Run(_workspace, Of("echo", inputs, outputs), GeneratedProgram.Identities(inputs), body, "", GeneratorRun.TensorLibrary);
    }
}
