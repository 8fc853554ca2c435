namespace ModelCompiler.Runtime;

/// <summary>A class and its score.</summary>
/// <typeparam name="T">The type of the scores.</typeparam>
/// <param name="Index">The position of the class along the last dimension.</param>
/// <param name="Score">What the model gives it.</param>
/// <param name="Label">Its name, where the model has names.</param>
public readonly record struct ClassScore<T>(int Index, T Score, string? Label);
