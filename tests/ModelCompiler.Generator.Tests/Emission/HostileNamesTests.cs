using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using ModelCompiler.Manifests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Whatever a model calls its tensors, the source is the one for harmless names with other words in it.</summary>
public sealed partial class HostileNamesTests
{
    private const int NamesPerModel = 10;
    private const int Models = 80;

    private static readonly string[] Fragments =
    [
        "\"; Canary.Sing(); //", "*/ Canary.Sing(); /*", "\n Canary.Sing();", "\u2028Canary.Sing();", "\u2029", "\u0085Canary.Sing();", "\r\n",
        "\"\"\"\"", "{Canary.Sing()}", "$\"{", "\\", "\\u0022", "</summary>", "<see cref=\"", "&", "\u202e", "\u2066", "\u200b", "\ufeff", "\0", "\ud800",
        "\uff41", "\u0430", "class", "int", "@", "__arglist", "#line 1 \"x\"", "#error", "39", "input:0", "onnx::Flatten_0", "a", "A", " ", "ToString", "Equals", "Predict", "call",
    ];

    [Fact]
    public void Source_is_ascii_of_the_same_shape_and_compiles()
    {
        const int seed = 77;
        var random = new Random(seed);
        string[] plainShape = Shape(new GeneratorRun(Model("plain", [.. Enumerable.Range(0, NamesPerModel).Select(i => "n" + (char)('a' + i))])).Source);
        for (int i = 0; i < Models; i++)
        {
            string[] names = [.. Enumerable.Range(0, NamesPerModel).Select(_ => HostileName(random))];
            var run = new GeneratorRun(Model("m" + i, names));

            string source = run.Source;

            Assert.True(source.All(c => c is '\n' or (>= ' ' and <= '~')), $"seed {seed}, model {i}:\n{source}");
            Assert.True(plainShape.SequenceEqual(Shape(source)), $"seed {seed}, model {i}:\n{source}");
            Assert.DoesNotContain("Canary.Sing", Text().Replace(source, ""), StringComparison.Ordinal);
            if (i % 20 == 0)
            {
                run.AssertCompiles();
            }
        }
    }

    [Fact]
    public void Colliding_names_are_numbered_and_reported()
    {
        var run = new GeneratorRun(Of("model", [Tensor("a.b", 1), Tensor("a:b", 1)], [Tensor("A", 1), Tensor("a", 1), Tensor("a2", 1)])).AssertCompiles();

        Assert.Equal(["ab2", "A2", "A2_2"], run.Result.Diagnostics.Select(d => d.GetMessage(null).Split('\'')[^2]));
        Assert.All(run.Result.Diagnostics, d => Assert.Equal(("OM1103", Microsoft.CodeAnalysis.DiagnosticSeverity.Info), (d.Id, d.Severity)));
    }

    /// <summary>Half of the names are inputs, half outputs, and each is also the symbol of a dimension and the words of a document.</summary>
    private static ModelManifest Model(string name, string[] names)
    {
        var values = names.Select((n, i) => Tensor(n, 2, "s" + i + n) with { Doc = n }).ToArray();
        return Of(name, values[..(NamesPerModel / 2)], values[(NamesPerModel / 2)..]);
    }

    private static string HostileName(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Fragments[random.Next(Fragments.Length)]));

    /// <summary>Comments, which end with their lines, and literals, which hold no quotation mark.</summary>
    [GeneratedRegex("//[^\n]*|\"[^\"\n]*\"")]
    private static partial Regex Text();

    /// <summary>The kinds of all nodes and tokens: the source with every word taken out.</summary>
    private static string[] Shape(string source)
    {
        var tree = CSharpSyntaxTree.ParseText(source);
        Assert.Empty(tree.GetDiagnostics());
        return [.. tree.GetRoot().DescendantNodesAndTokens(descendIntoTrivia: true).Select(node => node.Kind().ToString())];
    }
}
