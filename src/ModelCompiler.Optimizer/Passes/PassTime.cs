using System.Globalization;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>What a pass cost over all of its runs, verification after it included.</summary>
public sealed record PassTime(string Pass, TimeSpan Elapsed, int Runs, int Changes)
{
    /// <summary>As a line of a log: <c>ConstantFolding: 12 changes in 3.4 ms</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pass}: {Changes} changes in {Elapsed.TotalMilliseconds:F1} ms");
}
