namespace ModelCompiler.Runtime;

/// <summary>
/// A session that predictors of one model with the same settings share: the weights, their prepacked copies and the threads are there once, however
/// many instances a program makes. It is disposed with the last of them.
/// </summary>
internal sealed class SharedSession
{
    private static readonly Dictionary<string, SharedSession> Open = new(StringComparer.Ordinal);

    private readonly string? _key;
    private readonly Lazy<InferenceSession> _session;
    private int _users;

    private SharedSession(string? key, Func<InferenceSession> open)
    {
        _key = key;
        _session = new Lazy<InferenceSession>(open);
    }

    public InferenceSession Session => _session.Value;

    /// <param name="key">Equal for sessions that are the same; null for one that nobody shares.</param>
    /// <param name="open">Opens the session.</param>
    public static SharedSession Rent(string? key, Func<InferenceSession> open)
    {
        SharedSession? shared;
        lock (Open)
        {
            if (key is null || !Open.TryGetValue(key, out shared))
            {
                shared = new SharedSession(key, open);
                _ = key is null || Open.TryAdd(key, shared);
            }

            shared._users++;
        }

        try
        {
            // Outside of the lock: other models need not wait for it.
            _ = shared.Session;
            return shared;
        }
        catch
        {
            shared.Return();
            throw;
        }
    }

    /// <summary>Ends the use by one; each calls it once.</summary>
    public void Return()
    {
        lock (Open)
        {
            if (--_users > 0)
            {
                return;
            }

            _ = _key is not null && Open.Remove(_key);
        }

        if (_session.IsValueCreated)
        {
            Session.Dispose();
        }
    }
}
