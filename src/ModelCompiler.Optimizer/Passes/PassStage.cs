namespace ModelCompiler.Optimizer.Passes;

/// <summary>Passes that belong together, in the order in which they run.</summary>
public sealed record PassStage(string Name, IReadOnlyList<IPass> Passes);
