namespace ModelCompiler.Runtime;

/// <summary>
/// Lets the providers of one session keep what they compile: takes what earlier starts or the build left where it fits, and otherwise has it made, telling
/// the log before, meanwhile and after. Whatever is wrong with the folder costs time, and never the session.
/// </summary>
internal sealed class SessionArtefacts(NativeEnvironment environment, SessionOptions options) : IDisposable
{
    private const string ContextEnable = "ep.context_enable";
    private const string ContextPath = "ep.context_file_path";
    private const string ContextEmbed = "ep.context_embed_mode";

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestUnused = TimeSpan.FromDays(90);

    private readonly Dictionary<string, ArtefactFolder> _folders = [];
    private ArtefactFolder? _context;

    /// <summary>The choice with the options that make the provider keep its files; as it is where the user has set them, or there is nothing to keep.</summary>
    public ExecutionProviderChoice Prepare(ExecutionProviderChoice choice)
    {
        var description = ProviderDescription.Of(choice.Provider);
        if (options.Artefacts is not { } wanted || description.Artefacts is not { } artefacts || artefacts.FolderOptions.Keys.Any(choice.Options.ContainsKey))
        {
            return choice;
        }

        if (artefacts.FolderOptions.Count == 0)
        {
            PrepareContext(choice.Provider.ToString(), () => ArtefactStamp.Of(environment, description, options, wanted.ModelHash));
            return choice;
        }

        if (Open(choice.Provider.ToString(), ArtefactStamp.Of(environment, description, options, wanted.ModelHash)) is not { } folder)
        {
            return choice;
        }

        var folderOptions = artefacts.FolderOptions.Select(
            option => KeyValuePair.Create(option.Key, option.Value.Replace(ProviderArtefacts.Folder, folder.Path, StringComparison.Ordinal)));
        return choice with { Options = choice.Options.Concat(folderOptions).ToDictionary() };
    }

    /// <summary>The provider is not used after all: it compiles nothing.</summary>
    public void Forget(ExecutionProvider provider)
    {
        if (_folders.Remove(provider.ToString(), out var folder))
        {
            _context = _context == folder ? null : _context;
            folder.Dispose();
        }
    }

    /// <summary>The same for providers that were chosen by device.</summary>
    public void Prepare(IReadOnlyList<ProviderDevice> devices)
    {
        var compiling = devices.Where(device => device.Provider != ProviderDescription.Of(ExecutionProvider.Cpu).RuntimeName).ToArray();
        if (options.Artefacts is { } wanted && compiling.Length > 0)
        {
            PrepareContext(compiling[0].Provider, () => ArtefactStamp.Of(environment, compiling, options, wanted.ModelHash));
        }
    }

    /// <summary>Opens the session, on what was kept where there is some.</summary>
    /// <param name="native">The session's options, which are added to.</param>
    /// <param name="create">Makes the session of options and the path of another model than its own, or null.</param>
    public nint Create(nint native, Func<nint, string?, nint> create)
    {
        if (_folders.Values.Any(folder => folder.Fits))
        {
            try
            {
                return _folders.Values.All(folder => folder.Fits) ? create(native, ContextModel) : Make(native, create);
            }
            catch (OnnxRuntimeException e)
            {
                // Perhaps the model's own fault: then the next attempt says so.
                ArtefactLog.Write(LogSeverity.Warning, $"What was compiled before cannot be used, and is made anew. {e.Message}");
                foreach (var folder in _folders.Values)
                {
                    Guarded(folder.Clear);
                }
            }
        }

        return _folders.Count == 0 ? create(native, null) : Make(native, create);
    }

    /// <summary>Lets other processes at the folders.</summary>
    public void Dispose()
    {
        foreach (var folder in _folders.Values)
        {
            folder.Dispose();
        }
    }

    /// <summary>A provider that compiles nothing of a graph leaves no model.</summary>
    private string? ContextModel => _context is { Fits: true } && File.Exists(_context.ModelPath) ? _context.ModelPath : null;

    private nint Make(nint native, Func<nint, string?, nint> create)
    {
        if (_context is { Fits: false })
        {
            environment.Api.AddConfigEntry(native, ContextEnable, "1");
            environment.Api.AddConfigEntry(native, ContextPath, _context.ModelPath);
            // Beside the model and not in it: a file of ONNX ends at 2 GiB.
            environment.Api.AddConfigEntry(native, ContextEmbed, "0");
        }

        string missing = string.Join(", ", _folders.Where(folder => !folder.Value.Fits).Select(folder => folder.Key));
        nint session;
        string what = $"{missing}: compiling the model for this machine, which may take minutes; kept for the next start in '{options.Artefacts!.Folder}'";
        using (new ArtefactLog(what, LongestSilence))
        {
            session = create(native, ContextModel);
        }

        foreach (var folder in _folders.Values.Where(folder => !folder.Fits))
        {
            Guarded(folder.Commit);
        }

        // Programs come in new versions, with new models: what nobody has asked for in months is of the old ones.
        Guarded(() => ArtefactFolder.RemoveUnused(options.Artefacts.Folder, DateTime.UtcNow - LongestUnused));
        return session;
    }

    private static void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ArtefactLog.Write(LogSeverity.Warning, $"What was compiled is not kept as it should be: {e.Message}");
        }
    }

    /// <summary>One model for all providers of the session that hand their work to ONNX Runtime.</summary>
    private void PrepareContext(string provider, Func<ArtefactStamp> stamp) => _context ??= Open(provider, stamp());

    private ArtefactFolder? Open(string provider, ArtefactStamp stamp)
    {
        try
        {
            string name = ArtefactFolder.NameOf(options.Artefacts!.ModelHash, provider);
            var folder = ArtefactFolder.Open(
                options.Artefacts.Folder, name, stamp, () => ArtefactLog.Write(LogSeverity.Info, $"{provider}: waiting for another process that compiles the same model"));
            _folders.Add(provider, folder);
            if (!folder.Fits && options.Artefacts.Archive is { } archive && File.Exists(archive) && folder.TryTake(archive))
            {
                ArtefactLog.Write(LogSeverity.Info, $"{provider}: what the build compiled fits this machine");
            }
            else if (folder.Misfit is { } misfit)
            {
                ArtefactLog.Write(LogSeverity.Warning, $"{provider}: what was compiled before does not fit any more, and is made anew: {misfit}");
            }

            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            ArtefactLog.Write(LogSeverity.Warning, $"{provider}: what it compiles is not kept, so that each start takes as long as the first: {e.Message}");
            return _folders.GetValueOrDefault(provider);
        }
    }
}
