using System.IO.Compression;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>Arrays in a <c>.npz</c> file: a ZIP archive (stored or deflated, ZIP64 included) of <c>.npy</c> files.</summary>
internal sealed class NpzFile : ArrayContainer
{
    private const string Extension = ".npy";
    private const int MaxArrays = 10_000;
    // Deflate gives at most 1032 bytes for one (RFC 1951: 258 bytes for two bits); a claim beyond that is a lie to be found before memory is asked for.
    private const long MaxInflation = 1032;

    private readonly string _path;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    private readonly List<string> _names = [];

    /// <exception cref="CompilerException">The file is no archive of arrays.</exception>
    public NpzFile(string path)
    {
        _path = path;
        FileStream stream = OpenStream(path);
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read);
            if (_archive.Entries.Count > MaxArrays) throw Fault($"it has more than {MaxArrays} arrays");
            foreach (ZipArchiveEntry entry in _archive.Entries) Add(entry);
        }
        catch (InvalidDataException e)
        {
            stream.Dispose();
            throw Fault($"the archive is damaged ({e.Message.TrimEnd('.')})");
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override IReadOnlyCollection<string> Names => _names;

    public override NpyReader Open(string name)
    {
        ZipArchiveEntry entry = _entries[name];
        string where = $"'{name}' in '{_path}'";
        NpyReader? reader = null;
        try
        {
            reader = new NpyReader(new Crc32Stream(entry.Open(), entry.Crc32), where);
            long expected = reader.Header.Length + reader.Header.DataLength;
            if (entry.Length != expected) throw DiagnosticTable.ArrayInvalid.Error(where, $"it has {entry.Length} bytes, and its header says {expected}");
            return reader;
        }
        catch (InvalidDataException e)
        {
            reader?.Dispose();
            throw DiagnosticTable.ArrayInvalid.Error(where, e.Message.TrimEnd('.'));
        }
        catch
        {
            reader?.Dispose();
            throw;
        }
    }

    public override void Dispose() => _archive.Dispose();

    private void Add(ZipArchiveEntry entry)
    {
        if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal)) throw Fault($"it holds '{entry.FullName}', which is no array");
        if (entry.IsEncrypted) throw Fault("it is encrypted");
        if (entry.Length > checked(entry.CompressedLength * MaxInflation + 64)) throw Fault($"'{entry.FullName}' claims to be larger than it can be");
        string name = entry.FullName[..^Extension.Length];
        if (!_entries.TryAdd(name, entry)) throw Fault($"it holds the array '{name}' twice");
        _names.Add(name);
    }

    private CompilerException Fault(string what) => DiagnosticTable.DataNotArrays.ErrorIn(_path, _path, what);
}
