using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using ModelCompiler.Onnx.Tests.Fixtures;

namespace ModelCompiler.Onnx.Tests.Reading;

/// <summary>Whatever the bytes are, the reader gives a model or a diagnostic.</summary>
public class DamagedFileTests
{
    [Fact]
    public void Every_prefix_of_a_file_is_refused()
    {
        foreach (byte[] seed in Seeds.All)
        {
            OnnxReader.Read(seed);
            int[] whole = [.. FieldEnds(seed)];
            for (int length = 0; length < seed.Length; length++)
            {
                // A file cut between its last fields, metadata and functions, is a file without them.
                if (whole.Contains(length)) continue;
                ReadOnlyMemory<byte> prefix = seed.AsMemory(0, length);
                Assert.Throws<CompilerException>(() => OnnxReader.Read(prefix));
            }
        }
    }

    /// <summary>Where the fields that follow the operator sets begin.</summary>
    private static IEnumerable<int> FieldEnds(byte[] seed)
    {
        var input = new CodedInputStream(seed);
        bool hasOpset = false;
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            input.SkipLastField();
            hasOpset |= WireFormat.GetTagFieldNumber(tag) == ModelProto.OpsetImportFieldNumber;
            if (hasOpset) yield return (int)input.Position;
        }
    }

    [Fact]
    public void A_file_that_ends_early_is_called_truncated()
    {
        byte[] seed = Seeds.All[1];
        var error = Assert.Throws<CompilerException>(() => OnnxReader.Read(seed.AsMemory(0, seed.Length / 2)));
        Assert.Equal("OM1003", error.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20260729)]
    public void Mutated_files_give_a_model_or_a_diagnostic(int seed)
    {
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = Mutator.Mutate(Seeds.All[i % Seeds.All.Count], random);
            try
            {
                // What is accepted must also be writable, and read again.
                OnnxReader.Read(OnnxWriter.ToBytes(OnnxReader.Read(bytes)));
            }
            catch (CompilerException e)
            {
                Assert.StartsWith("OM1", e.Code, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {i} of seed {seed}: {e}\n{Convert.ToBase64String(bytes)}");
            }
        }
        Assert.InRange(refused, 500, 2999);
    }
}
