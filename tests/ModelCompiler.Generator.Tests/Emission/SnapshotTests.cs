using System.Text.RegularExpressions;
using Xunit;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>
/// The generated source of every signature against an approved file: what users read, call and debug. All are in one program, which compiles
/// without a warning. To approve, copy the folder that the failure names over Emission/Snapshots.
/// </summary>
public sealed partial class SnapshotTests
{
    private static readonly string Approved = Path.Combine(AppContext.BaseDirectory, "Snapshots");

    [Fact]
    public void Are_what_was_approved()
    {
        Assert.InRange(SampleSignatures.All.Length, 40, 100);
        var run = new GeneratorRun([.. SampleSignatures.Manifests]).AssertCompiles();
        // One that a rename left behind would never be looked at again.
        string[] names = [.. SampleSignatures.All.Select(signature => signature.Name.Replace(' ', '-') + ".txt")];
        Assert.Equal(names.Order(StringComparer.Ordinal), Directory.GetFiles(Approved).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));

        string received = Path.Combine(Path.GetTempPath(), "modelcompiler-snapshots");
        Directory.CreateDirectory(received);
        var changed = new List<string>();
        foreach (var (name, source) in names.Zip(run.Sources))
        {
            string text = Version().Replace(source, "\"ModelCompiler.Generator\", \"0.0.0\"");
            File.WriteAllText(Path.Combine(received, name), text);
            if (text != File.ReadAllText(Path.Combine(Approved, name)))
            {
                changed.Add(name);
            }
        }

        Assert.True(changed.Count == 0, $"The source is another one: compare {received} with Emission/Snapshots, where {string.Join(", ", changed)} differ.");
    }

    [GeneratedRegex("\"ModelCompiler.Generator\", \"[0-9.]+\"")]
    private static partial Regex Version();
}
