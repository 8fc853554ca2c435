using ModelCompiler.Manifests;
using Xunit;

namespace ModelCompiler.Generator.Tests.Manifests;

public sealed class ManifestFormatTests
{
    private static readonly ModelManifest Full = TestManifests.Of(
        "digits",
        [
            TestManifests.Tensor("in\u2028put\"", "batch", null, 3) with { Member = "Picture", Image = new ManifestImage(ManifestPixelOrder.Bgr, ManifestImageFit.Pad, 320, null) },
            TestManifests.Tensor("sr", ManifestElementType.Int64),
            TestManifests.Tensor("h", 2, 1, 64) with { State = "hn" },
        ],
        [
            TestManifests.Tensor("out", 1) with { Shape = null, Kind = ManifestValueKind.Sequence, KeyType = ManifestElementType.String, Doc = "words */ of a model" },
            TestManifests.Tensor("scores", 1, 2) with { Labels = new(["cat", "\u72ac\""]) },
        ]) with
    {
        IsEmbedded = true,
        Batch = new ManifestBatch(8, 8, 500),
        ClassName = "Reader",
        IsPublic = false,
        ExternalData = new([new ManifestFile("digits.onnx.data", long.MaxValue, TestManifests.Hash)]),
        ExecutionProviders = new(["TensorRt", "Cpu"]),
        ProviderOptions = new([new ManifestProviderOption("TensorRt", "trt_engine_cache_path", "a \"b\"\\c")]),
        HostNodes = new(["sizes/x", "\u2028"]),
        NeedsExactIntegers = true,
    };

    [Fact]
    public void Reads_what_it_wrote()
    {
        string text = ManifestWriter.Write(Full);

        Assert.True(ManifestReader.TryRead(text, out var read, out string? error), error);

        Assert.Equal(Full, read);
        Assert.Equal(text, ManifestWriter.Write(read));
        Assert.True(text.All(c => c is '\n' or (>= ' ' and <= '~')));
    }

    [Fact]
    public void Equal_manifests_are_equal_in_value_and_hash()
    {
        Assert.True(ManifestReader.TryRead(ManifestWriter.Write(Full), out var read, out _));

        Assert.Equal(Full.GetHashCode(), read.GetHashCode());
        Assert.NotEqual(Full, read with { Inputs = new(read.Inputs.Reverse()) });
    }

    [Theory]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2", "$.schemaVersion should be 1")]
    [InlineData("\"file\": \"digits.onnx\"", "\"file\": \"../digits.onnx\"", "$.model.file should be a file name")]
    [InlineData("\"file\": \"digits.onnx\"", "\"file\": \"..\"", "$.model.file should be a file name")]
    [InlineData("0123456789abcdef", "0123456789ABCDEF", "$.model.sha256 should be 64")]
    [InlineData("\"type\": \"int64\"", "\"type\": \"7\"", "$.inputs[1].type should be a known")]
    [InlineData("\"type\": \"int64\"", "\"type\": \"float128\"", "$.inputs[1].type should be a known")]
    [InlineData("        3\n", "        -3\n", "$.inputs[0].shape[2] should be a dimension")]
    [InlineData("\"bytes\": 1234", "\"bytes\": -1", "$.model.bytes should be a length")]
    [InlineData("\"accessibility\": \"internal\"", "\"accessibility\": \"private\"", "$.accessibility should be public or internal")]
    [InlineData("\"minimumRuntimeVersion\": \"0.1.0\"", "\"minimumRuntimeVersion\": \"new\"", "$.minimumRuntimeVersion should be a version")]
    [InlineData("\"link\": \"embedded\"", "\"link\": \"cloud\"", "$.link should be file or embedded")]
    [InlineData("\"order\": \"bgr\"", "\"order\": \"gbr\"", "$.inputs[0].image.order should be a known")]
    [InlineData("\"width\": 320", "\"width\": 0", "$.inputs[0].image.width should be above 0")]
    [InlineData("\"max\": 8", "\"max\": 0", "$.batch.max should be above 0")]
    [InlineData("\"name\": \"digits\"", "\"nom\": \"digits\"", "$.name should be a string")]
    public void Says_what_is_wrong(string from, string to, string expected)
    {
        string text = ManifestWriter.Write(Full);
        Assert.Contains(from, text, StringComparison.Ordinal);

        Assert.False(ManifestReader.TryRead(text.Replace(from, to, StringComparison.Ordinal), out _, out string? error));

        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_manifests_never_throw()
    {
        const int seed = 20260731;
        var random = new Random(seed);
        string text = ManifestWriter.Write(Full);
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            string mutated = Mutate(text, random);
            try
            {
                refused += ManifestReader.TryRead(mutated, out _, out _) ? 0 : 1;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, mutation {i}: {e}\n{mutated}");
            }
        }

        Assert.InRange(refused, 300, 500);
    }

    /// <summary>Cuts, removes, repeats or scatters a few characters.</summary>
    internal static string Mutate(string text, Random random)
    {
        int at = random.Next(text.Length);
        int length = random.Next(1, Math.Min(40, text.Length - at + 1));
        string noise = new(random.GetItems<char>("{}[]\",:0159.e-\\u\u2028 truefalsn\0\n", length));
        return random.Next(5) switch
        {
            0 => text[..at],
            1 => text.Remove(at, length),
            2 => text.Insert(at, text.Substring(at, length)),
            3 => text.Insert(at, noise),
            _ => text.Remove(at, length).Insert(at, noise),
        };
    }
}
