namespace ModelCompiler.Runtime;

/// <summary>A call that waits for its run: it ends once, with an answer, an error, or because it was given up.</summary>
/// <remarks>Continuations must not run on the threads that run and answer batches, where one that waits would hold up all others.</remarks>
internal sealed class BatchedCall<TInput, TResult>(TInput input, CancellationToken cancellationToken)
    : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    where TInput : struct
{
    private readonly TInput _input = input;
    private CancellationTokenRegistration _registration;

    public ref readonly TInput Input => ref _input;

    public bool IsOver => Task.IsCompleted;

    /// <summary>Lets the token give up the call; before anybody else can end it.</summary>
    public void ObserveCancellation()
    {
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static (call, token) => ((BatchedCall<TInput, TResult>)call!).TrySetCanceled(token), this);
        }
    }

    public void Answer(TResult result)
    {
        _registration.Unregister();
        TrySetResult(result);
    }

    public void Fail(Exception exception)
    {
        _registration.Unregister();
        TrySetException(exception);
    }
}
