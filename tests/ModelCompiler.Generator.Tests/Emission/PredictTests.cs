using Microsoft.CodeAnalysis;
using ModelCompiler.Manifests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Which methods and members a signature gives; each compiles without a warning.</summary>
public sealed class PredictTests
{
    private static readonly Dictionary<string, (ManifestValue[] Inputs, string[] Parameters)> Signatures = new()
    {
        ["fixed"] = ([Tensor("input", 1, 1, 28, 28)], ["ReadOnlySpan<float> input"]),
        ["batch by symbol"] = ([Tensor("input", "N", 3)], ["ReadOnlySpan<float> input", "ReadOnlySpan<float> input, int batch"]),
        ["batch by unknown"] = ([Tensor("input", (string?)null, 3)], ["ReadOnlySpan<float> input", "ReadOnlySpan<float> input, int batch"]),
        ["one batch for two inputs"] = ([Tensor("a", "N", 3), Tensor("b", "N")], ["ReadOnlySpan<float> a, ReadOnlySpan<float> b", "ReadOnlySpan<float> a, ReadOnlySpan<float> b, int batch"]),
        ["sizes without names that come first are one"] = ([Tensor("a", null, 3), Tensor("b", "")], ["ReadOnlySpan<float> a, ReadOnlySpan<float> b", "ReadOnlySpan<float> a, ReadOnlySpan<float> b, int batch"]),
        ["two unknown sizes are two"] = ([Tensor("a", null, 3), Tensor("b", 2, "")], ["ReadOnlySpan<float> a, ReadOnlySpan<float> b, int aDimension0, int bDimension1"]),
        ["rows bring their lengths"] = ([Tensor("a", ""), Tensor("b", "")], ["ReadOnlySpan<float> a, ReadOnlySpan<float> b"]),
        ["batch beside a scalar"] = ([Tensor("x", "N", 512), Tensor("sr", ManifestElementType.Int64)], ["ReadOnlySpan<float> x, long sr", "ReadOnlySpan<float> x, long sr, int batch"]),
        ["symbols"] = ([Tensor("image", "batch", 3, "H", "W")], ["ReadOnlySpan<float> image, int batch, int h, int w"]),
        ["one symbol in two inputs"] = ([Tensor("ids", ManifestElementType.Int64, 1, "seq_len"), Tensor("mask", ManifestElementType.Bool, 1, "seq_len")], ["ReadOnlySpan<long> ids, ReadOnlySpan<bool> mask, int seqLen"]),
        ["open size that is not first"] = ([Tensor("x", 1, "T")], ["ReadOnlySpan<float> x, int t"]),
        ["unknown rank"] = ([Tensor("x", 1) with { Shape = null }], ["ReadOnlySpan<float> x, ReadOnlySpan<long> xShape"]),
        ["unknown rank beside its namesake"] = ([Tensor("x", 1) with { Shape = null }, Tensor("xShape", 2)], ["ReadOnlySpan<float> x, ReadOnlySpan<long> xShape2, ReadOnlySpan<float> xShape"]),
        ["strings"] = ([Tensor("text", ManifestElementType.String, 4), Tensor("one", ManifestElementType.String)], ["ReadOnlySpan<string> text, string one"]),
        ["names of our own"] = ([Tensor("call", 2), Tensor("cancellationToken", 2), Tensor("in", 2)], ["ReadOnlySpan<float> call2, ReadOnlySpan<float> cancellationToken2, ReadOnlySpan<float> inValue"]),
        ["no inputs"] = ([], [""]),
        ["empty symbol"] = ([Tensor("x", 2, "")], ["ReadOnlySpan<float> x, int xDimension1"]),
    };

    public static TheoryData<string> SignatureNames => [.. Signatures.Keys];

    [Theory]
    [MemberData(nameof(SignatureNames))]
    public void Offers_what_the_inputs_need(string name)
    {
        var (inputs, expected) = Signatures[name];

        var run = new GeneratorRun(Of("model", inputs, [Tensor("y", 1)])).AssertCompiles();

        Assert.Equal(expected, PredictParameters(run.Output, "My.App.ModelPredictor"));
    }

    [Theory]
    [InlineData(nameof(ManifestElementType.Float16), "Half")]
    [InlineData(nameof(ManifestElementType.BFloat16), "BFloat16")]
    [InlineData(nameof(ManifestElementType.Float32), "float")]
    [InlineData(nameof(ManifestElementType.Float64), "double")]
    [InlineData(nameof(ManifestElementType.Int8), "sbyte")]
    [InlineData(nameof(ManifestElementType.Int16), "short")]
    [InlineData(nameof(ManifestElementType.Int32), "int")]
    [InlineData(nameof(ManifestElementType.Int64), "long")]
    [InlineData(nameof(ManifestElementType.UInt8), "byte")]
    [InlineData(nameof(ManifestElementType.UInt16), "ushort")]
    [InlineData(nameof(ManifestElementType.UInt32), "uint")]
    [InlineData(nameof(ManifestElementType.UInt64), "ulong")]
    [InlineData(nameof(ManifestElementType.Bool), "bool")]
    [InlineData(nameof(ManifestElementType.String), "string")]
    [InlineData(nameof(ManifestElementType.Complex128), "Complex")]
    public void Takes_and_gives_every_element_type(string elementType, string type)
    {
        var element = Enum.Parse<ManifestElementType>(elementType);
        var inputs = new[] { Tensor("x", element, 2, 3), Tensor("s", element) };

        var run = new GeneratorRun(Of("model", inputs, [Tensor("y", element, "n"), Tensor("z", element) with { Shape = null }])).AssertCompiles();

        Assert.Equal([$"ReadOnlySpan<{type}> x, {type} s"], PredictParameters(run.Output, "My.App.ModelPredictor"));
        var result = run.Output.GetTypeByMetadataName("My.App.ModelOutput")!;
        Assert.Equal([$"PredictionTensor<{type}> Y", $"PredictionTensor<{type}> Z"], result.GetMembers().OfType<IPropertySymbol>().Select(p => Short(p.Type) + " " + p.Name));
    }

    [Fact]
    public void Documents_shapes_and_element_types()
    {
        var run = new GeneratorRun(Of("model", [Tensor("input", "N", 3, 224, 224)], [Tensor("scores", "N", 1000), Tensor("boxes", ManifestElementType.Int64, "", 4)])).AssertCompiles();

        var predictor = run.Output.GetTypeByMetadataName("My.App.ModelPredictor")!;
        var docs = predictor.GetMembers("Predict").Select(method => method.GetDocumentationCommentXml()!).ToList();
        Assert.Contains("<param name=\"input\">float32 [1, 3, 224, 224], in row-major order.</param>", docs[0], StringComparison.Ordinal);
        Assert.Contains("<param name=\"input\">float32 [batch, 3, 224, 224], in row-major order.</param>", docs[1], StringComparison.Ordinal);
        var result = run.Output.GetTypeByMetadataName("My.App.ModelOutput")!;
        Assert.Contains("float32 [batch, 1000].", result.GetMembers("Scores").Single().GetDocumentationCommentXml(), StringComparison.Ordinal);
        Assert.Contains("int64 [?, 4].", result.GetMembers("Boxes").Single().GetDocumentationCommentXml(), StringComparison.Ordinal);
    }

    [Fact]
    public void Follows_the_item_in_names_and_accessibility()
    {
        var run = new GeneratorRun(Digits with { ClassName = "Reader", Namespace = "", IsPublic = false }).AssertCompiles();

        var predictor = run.Output.GetTypeByMetadataName("Reader")!;
        Assert.Equal(Accessibility.Internal, predictor.DeclaredAccessibility);
        Assert.Equal(Accessibility.Internal, run.Output.GetTypeByMetadataName("ReaderOutput")!.DeclaredAccessibility);
        Assert.Equal("ModelCompiler.Runtime.Predictor", predictor.BaseType!.ToDisplayString());
    }

    [Fact]
    public void Keeps_raw_names_paths_and_hashes_as_constants()
    {
        var run = new GeneratorRun(Of("zahl \u00e9", [Tensor("in put:0\u2028", 1)], [Tensor("39", 1)])).AssertCompiles();

        var predictor = run.Output.GetTypeByMetadataName("My.App.ZahlU00E9Predictor")!;
        Assert.Equal("models/zahl \u00e9.onnx", Constant(predictor, "ModelPath"));
        Assert.Equal(Hash, Constant(predictor, "ModelSha256"));
        Assert.Equal("in put:0\u2028", Constant(predictor.GetTypeMembers("InputNames").Single(), "InPut0U2028"));
        Assert.Equal("39", Constant(predictor.GetTypeMembers("OutputNames").Single(), "Output39"));
    }

    [Fact]
    public void Can_be_extended_by_the_user()
    {
        const string user = "namespace My.App { public sealed partial class DigitsPredictor { /// <summary>Mine.</summary>\n public int Sum => 1; } }";

        new GeneratorRun([new GeneratorRun.ManifestText("digits", ManifestWriter.Write(Digits))], user).AssertCompiles();
    }

    private static object? Constant(INamedTypeSymbol type, string name) => ((IFieldSymbol)type.GetMembers(name).Single()).ConstantValue;

    private static IEnumerable<string> PredictParameters(Compilation compilation, string type) =>
        compilation.GetTypeByMetadataName(type)!.GetMembers("Predict").Cast<IMethodSymbol>()
            .Where(method => method.Parameters[0].RefKind != RefKind.In)
            .Select(method => string.Join(", ", method.Parameters.SkipLast(1).Select(p => Short(p.Type) + " " + p.Name)));

    private static string Short(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
}
