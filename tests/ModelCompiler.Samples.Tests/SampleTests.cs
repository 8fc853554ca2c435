using System.Buffers.Binary;
using System.Globalization;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Samples.Tests;

/// <summary>Each sample, run as a program, does on its data what it is there to show.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TextLineReader_reads_rendered_lines()
    {
        string output = Run("TextLineReader").Replace(" ", "", StringComparison.Ordinal);

        Assert.Equal(
            ["greeting.pgm:Hellofromthemodelcompiler", "invoice.pgm:Invoice2025-1187", "short.pgm:OK", "total.pgm:Total:1,249.50EUR"],
            output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void VoiceActivity_hears_when_somebody_speaks()
    {
        // The sentences last from 1.00 to 3.67 s and from 4.00 to 6.42 s, some silence at their ends included.
        double[] seconds = [.. Run("VoiceActivity").Split(' ').Where(word => word.Contains('.', StringComparison.Ordinal)).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];

        Assert.Equal(4, seconds.Length);
        Assert.All(seconds.Zip([1.0, 3.5, 4.05, 6.25]), pair => Assert.InRange(pair.First, pair.Second - 0.3, pair.Second + 0.3));
        string assets = Path.Combine(Folder("VoiceActivity"), "models");
        Assert.False(Directory.Exists(assets), "The model is embedded, and lies beside the program too.");
    }

    [Fact]
    public void FaceFinder_draws_a_box_around_the_face()
    {
        string png = _folder.PathOf("faces.png");

        string output = Run("FaceFinder", Path.Combine(Folder("FaceFinder"), "pictures", "astronaut.ppm"), png);

        string line = Assert.Single(output.Split('\n'), text => text.StartsWith("face from ", StringComparison.Ordinal));
        int[] box = [.. line.Split('(', ')')[1].Split(',').Concat(line.Split('(', ')')[3].Split(',')).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        // Eyes and mouth of the astronaut lie around (112, 55) in this picture.
        Assert.True(box[0] < 105 && box[2] > 120 && box[1] < 50 && box[3] > 62, line);
        Assert.True(box[2] - box[0] < 100, line);
        byte[] file = File.ReadAllBytes(png);
        Assert.Equal((256, 200), (BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20))));
    }

    private static string Folder(string sample) => Path.Combine(DotNet.BuildFact("Bin"), sample, DotNet.BuildFact("Configuration"));

    private string Run(string sample, params string[] arguments)
    {
        var (exitCode, output) = DotNet.Run(_folder.Folder, [Path.Combine(Folder(sample), sample + ".dll"), .. arguments]);
        Assert.True(exitCode == 0, output);
        return output;
    }
}
