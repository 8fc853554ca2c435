namespace ModelCompiler.Optimizer.Passes;

/// <summary>What a pass cost over all of its runs, verification after it included.</summary>
public sealed record PassTime(string Pass, TimeSpan Elapsed, int Runs, int Changes);
