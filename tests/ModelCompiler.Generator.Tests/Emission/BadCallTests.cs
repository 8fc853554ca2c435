using ModelCompiler.Manifests;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Whatever a caller gets wrong: a typed exception that names the tensor, what was expected and what came; and the predictor goes on.</summary>
public sealed class BadCallTests : IDisposable
{
    private static readonly ManifestValue[] Inputs =
    [
        Tensor("a", "N", 2), Tensor("b", ManifestElementType.Int64, "N"), Tensor("s", ManifestElementType.String, 2),
        Tensor("u") with { Shape = null }, Tensor("q", 2) with { Kind = ManifestValueKind.Sequence },
    ];

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Each_is_named()
    {
        var outputs = Inputs.Select(input => input with { Name = input.Name + "_out" }).ToArray();

        string said = GeneratedProgram.Run(_workspace, Of("echo", Inputs, outputs), GeneratedProgram.Identities(Inputs), Calls);

        Assert.Equal("", said);
    }

    private const string Calls = """
        {
            return "";
        }
        """;
}
