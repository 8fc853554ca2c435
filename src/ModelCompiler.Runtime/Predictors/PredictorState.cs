namespace ModelCompiler.Runtime;

/// <summary>An input that carries state: each call reads what the output wrote in the call before.</summary>
/// <param name="Input">Index of the input.</param>
/// <param name="Output">Index of the output.</param>
public readonly record struct PredictorState(int Input, int Output);
