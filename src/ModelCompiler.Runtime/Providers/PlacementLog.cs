using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// Reads from a session's log which provider runs which node. The C API's own record of it (version 1.24) is taken before the layout of the
/// graph is changed, and misses nearly all nodes of a provider that wants another one; the log is written when all is decided.
/// </summary>
/// <remarks>
/// The session logs everything while it loads, under a name of its own that also says what the user wants to see: <see cref="Hides"/> keeps
/// the rest from listeners.
/// </remarks>
internal sealed partial class PlacementLog : IDisposable
{
    private const string Prefix = "ModelCompiler/";

    private static readonly ConcurrentDictionary<string, PlacementLog> Open = new();
    private static int _count;

    private static ReadOnlySpan<byte> Source => "VerifyEachNodeIsAssignedToAnEp"u8;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly List<PlacedNode> _nodes = [];
    private string? _provider;

    /// <param name="visible">The lowest severity that the user wants to see.</param>
    public PlacementLog(LogSeverity visible)
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{(int)visible}/{Interlocked.Increment(ref _count)}");
        Open[Id] = this;
    }

    /// <summary>The name for the session's log.</summary>
    public string Id { get; }

    /// <summary>The number of nodes by provider, ONNX Runtime's names, the largest first; empty while nothing was read.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Counts =>
        [.. _counts.OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal)];

    /// <summary>The nodes that the log names: those of graphs that several providers share.</summary>
    public IReadOnlyList<PlacedNode> Nodes => _nodes;

    /// <summary>Hands a line to the session that it belongs to.</summary>
    public static unsafe void Read(string id, byte* location, byte* text)
    {
        // Most lines are of no interest: none of them becomes a string.
        if (MemoryMarshal.CreateReadOnlySpanFromNullTerminated(location).IndexOf(Source) >= 0 && Open.TryGetValue(id, out var log))
        {
            log.Read(Utf8.Read(text));
        }
    }

    /// <summary>Whether a line is only there because placement is read from the log.</summary>
    public static bool Hides(string id, LogSeverity severity) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && id.Length > Prefix.Length && (int)severity < id[Prefix.Length] - '0';

    public void Dispose() => Open.TryRemove(Id, out _);

    internal void Read(string text)
    {
        if (Header().Match(text) is { Success: true } header)
        {
            _provider = header.Groups["provider"].Value;
            _counts[_provider] = _counts.GetValueOrDefault(_provider) + int.Parse(header.Groups["count"].Value, CultureInfo.InvariantCulture);
        }
        else if (_provider is not null && Node().Match(text) is { Success: true } node)
        {
            _nodes.Add(new PlacedNode(_provider, node.Groups["name"].Value, node.Groups["operator"].Value));
        }
        else
        {
            _provider = null;
        }
    }

    [GeneratedRegex(@"^\s*(All nodes|Node\(s\)) placed on \[(?<provider>[^\]]+)\]\. Number of nodes: (?<count>\d+)")]
    private static partial Regex Header();

    [GeneratedRegex(@"^\s+(?<operator>\S+) \((?<name>.*)\)\s*$", RegexOptions.Singleline)]
    private static partial Regex Node();
}
