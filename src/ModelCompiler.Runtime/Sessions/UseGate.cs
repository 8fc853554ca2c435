namespace ModelCompiler.Runtime;

/// <summary>
/// Lets one thread at a time use native memory. A second one is refused instead of overwriting what the first one reads; closing while it is in
/// use leaves the end to the user.
/// </summary>
internal struct UseGate
{
    private const int Idle = 0;
    private const int InUse = 1;
    private const int Closed = 2;

    private int _state;

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public readonly void ThrowIfClosed(string owner)
    {
        if (Volatile.Read(in _state) == Closed)
        {
            throw Refusal(Closed, owner);
        }
    }

    /// <param name="owner">What is used: its type's name.</param>
    /// <exception cref="OverlappingRunException">It is in use.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Enter(string owner)
    {
        if (Interlocked.CompareExchange(ref _state, InUse, Idle) is not Idle and var state)
        {
            throw Refusal(state, owner);
        }
    }

    /// <summary>Refuses where <see cref="Enter"/> would.</summary>
    public readonly void ThrowUnlessIdle(string owner)
    {
        if (Volatile.Read(in _state) is not Idle and var state)
        {
            throw Refusal(state, owner);
        }
    }

    /// <summary>Ends the use. Whether it was closed meanwhile: then the memory is the user's to free.</summary>
    public bool Leave() => Interlocked.CompareExchange(ref _state, Idle, InUse) == Closed;

    /// <summary>Refuses further use. Whether nobody uses it now: then the memory is the caller's to free.</summary>
    public bool Close() => Interlocked.Exchange(ref _state, Closed) == Idle;

    private static Exception Refusal(int state, string owner) =>
        state == Closed ? new ObjectDisposedException(owner) : new OverlappingRunException(owner);
}
