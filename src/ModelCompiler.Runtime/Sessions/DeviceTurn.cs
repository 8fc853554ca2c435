namespace ModelCompiler.Runtime;

/// <summary>A turn at a device whose queue all sessions of the process share (<see cref="ProviderDescription.SharesQueue"/>); nothing for others.</summary>
internal readonly ref struct DeviceTurn
{
    private static readonly Lock Queue = new();

    private readonly bool _isTaken;

    private DeviceTurn(bool isTaken) => _isTaken = isTaken;

    public static bool IsNeeded(SessionOptions options) => options.ExecutionProviders.Any(choice => ProviderDescription.Of(choice.Provider).SharesQueue);

    /// <summary>Waits for the turn where one is needed; dispose it.</summary>
    public static DeviceTurn Take(bool isNeeded)
    {
        if (isNeeded)
        {
            Queue.Enter();
        }

        return new DeviceTurn(isNeeded);
    }

    public void Dispose()
    {
        if (_isTaken)
        {
            Queue.Exit();
        }
    }
}
