using System.Diagnostics;
using System.Text;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary><c>dotnet watch</c> builds again when a model changes, once, and not because of what the build itself writes.</summary>
public sealed class WatchTests(PackageFixture package) : IDisposable
{
    private const string Program = """
        using var digits = new App.DigitsPredictor();
        System.Console.WriteLine($"answer: {digits.Predict(new float[784]).Logits[0, 0]:R}");
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A loop would have begun its next round: a build with nothing to do takes about a second.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(6);

    private readonly UserProject _project = new(package, """<OptimizedModel Include="models/digits.onnx" />""");
    private readonly StringBuilder _output = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_changed_model_is_built_once()
    {
        _project.Write("Program.cs", Program);
        using Process watch = DotNet.Start(_project.Folder, CompilerServer.Environment, DotNet.Host, "watch", "run", "--non-interactive");
        try
        {
            watch.OutputDataReceived += (_, line) => Append(line.Data);
            watch.ErrorDataReceived += (_, line) => Append(line.Data);
            watch.BeginOutputReadLine();
            watch.BeginErrorReadLine();
            string first = WaitForAnswer(1);

            ChangeAWeight();

            Assert.NotEqual(first, WaitForAnswer(2));
        }
        finally
        {
            watch.Kill(entireProcessTree: true);
            watch.WaitForExit();
        }
    }

    /// <summary>The last of so many answers, once it is clear that there are no more.</summary>
    private string WaitForAnswer(int count)
    {
        Assert.True(SpinWait.SpinUntil(() => Answers().Length >= count, Patience), Text());
        Thread.Sleep(Quiet);
        string[] answers = Answers();
        Assert.True(answers.Length == count, Text());
        return answers[^1];
    }

    private string[] Answers() => [.. Text().Split('\n').Where(line => line.Contains("answer: ", StringComparison.Ordinal))];

    private void ChangeAWeight()
    {
        string model = _project.PathOf("models/digits.onnx");
        byte[] bytes = File.ReadAllBytes(model);
        // In the middle of the file are weights: the sign of each is changed for a stretch that no constant is as short as.
        for (int i = bytes.Length / 2; i < (bytes.Length / 2) + 4096; i++) bytes[i] ^= 0x80;
        File.WriteAllBytes(model, bytes);
    }

    private void Append(string? line)
    {
        lock (_output) _output.Append(line).Append('\n');
    }

    private string Text()
    {
        lock (_output) return _output.ToString();
    }
}
