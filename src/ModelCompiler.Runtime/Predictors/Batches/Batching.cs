namespace ModelCompiler.Runtime;

/// <summary>How samples go into the batch of one run and out of it; for generated code.</summary>
/// <typeparam name="TInput">The inputs of one sample.</typeparam>
/// <typeparam name="TResult">The outputs of one sample.</typeparam>
public abstract class Batching<TInput, TResult>
    where TInput : struct
{
    /// <summary>Checks a sample by itself, so that a bad one spoils no batch.</summary>
    /// <exception cref="TensorMismatchException">An input does not fit.</exception>
    public abstract void Check(SampleCheck check, in TInput input);

    /// <summary>Whether both can be in one run: what a run has but once is equal in both.</summary>
    public abstract bool CanShare(in TInput first, in TInput other);

    /// <summary>Writes a sample into its place.</summary>
    public abstract void Write(PredictorCall call, in TInput input, int sample, int count);

    /// <summary>Copies the outputs of a sample.</summary>
    public abstract TResult Read(PredictorCall call, int sample, int count);
}
