namespace ModelCompiler.Runtime;

/// <summary>A call that waits for its run: it ends once, with an answer, an error, or because it was given up.</summary>
internal sealed class BatchedCall<TInput, TResult>(TInput input, CancellationToken cancellationToken)
    where TInput : struct
{
    // Continuations must not run on the thread that runs batches.
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TInput _input = input;

    public ref readonly TInput Input => ref _input;

    public Task<TResult> Task => _completion.Task;

    public bool IsOver => _completion.Task.IsCompleted;

    public CancellationTokenRegistration CancelWith(CancellationToken token) => token.UnsafeRegister(_ => _completion.TrySetCanceled(cancellationToken), null);

    public void Answer(TResult result) => _completion.TrySetResult(result);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
