namespace ModelCompiler.Requests;

/// <summary>
/// What the MSBuild task asks of <c>modelc build &lt;request.json&gt;</c>: every stale item of one project, so that
/// one process serves them all.
/// </summary>
/// <remarks>
/// The tool compiles the items in order, publishes each one's files in its output directory by rename, and then,
/// as the last file of the item, its <see cref="OutputStamp"/>. It prints progress as plain lines and problems in
/// MSBuild's canonical form, <c>project.csproj(line,column): error OM2003: text</c>.
/// </remarks>
internal sealed record BuildRequest
{
    public const int CurrentVersion = 2;

    public const int DefaultCacheLimit = 4096;

    /// <summary>Full path of the project; relative paths in metadata start from its directory.</summary>
    public required string ProjectFile { get; init; }

    /// <summary>The namespace for items that name none.</summary>
    public required string RootNamespace { get; init; }

    /// <summary>The process that waits for the tool; when it is gone, so should the tool be.</summary>
    public required int ParentProcessId { get; init; }

    /// <summary>Only the signatures are wanted, at once, for an IDE: a provisional manifest for each item, and no word about errors.</summary>
    public bool IsDesignTime { get; init; }

    /// <summary>Folder of the cache, from the project's directory; empty for the user's, <c>false</c> for none.</summary>
    public string Cache { get; init; } = "";

    /// <summary>Size that the cache is kept to, in MiB.</summary>
    public int CacheLimit { get; init; } = DefaultCacheLimit;

    /// <summary>Seconds that the models may take together; 0 for no limit.</summary>
    public int Timeout { get; init; }

    /// <summary>MiB that the tool may hold in memory; 0 for no limit.</summary>
    public int MemoryLimit { get; init; }

    public required IReadOnlyList<BuildRequestItem> Items { get; init; }
}

/// <summary>One <c>OptimizedModel</c> item.</summary>
internal sealed record BuildRequestItem
{
    /// <summary>Full path of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Base name of the outputs: <c>&lt;name&gt;.onnx</c>, <c>&lt;name&gt;.model.json</c>, <c>&lt;name&gt;.stamp</c>, ...</summary>
    public required string Name { get; init; }

    /// <summary>Full path of the directory that holds this item's outputs and nothing else.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>First line of the stamp that the tool leaves when the item is done.</summary>
    public required string Stamp { get; init; }

    /// <summary>Full path of the project or import that defines the item.</summary>
    public required string DefinedIn { get; init; }

    /// <summary>Line of the item in that file, from 1; 0 when it was not found.</summary>
    public int Line { get; init; }

    /// <summary>Column of the item in its line, from 1; 0 when it was not found.</summary>
    public int Column { get; init; }

    /// <summary>The place of the item as MSBuild's canonical diagnostics begin: <c>file(line,column)</c> or <c>file</c>.</summary>
    public string Origin => Line > 0 ? FormattableString.Invariant($"{DefinedIn}({Line},{Column})") : DefinedIn;

    /// <summary>The item's metadata, verbatim, in ordinal order of the names.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}
