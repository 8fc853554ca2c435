using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Finds the data of tensors that keep it in files beside the model. Nothing is read before it is needed; everything is checked at once.</summary>
internal sealed class ExternalDataReader(string? folder, string? allowedRoot)
{
    // By the name in the model: thousands of tensors share one file.
    private readonly Dictionary<string, ExternalFile> _files = new(StringComparer.Ordinal);

    /// <summary>The data of a tensor that takes <paramref name="length"/> bytes.</summary>
    public TensorData Open(TensorProto proto, long length)
    {
        try
        {
            Entry entry = Parse(proto);
            if (entry.Length is { } stated && stated != length) throw new FormatException($"it is said to have {stated} bytes, and its type and shape take {length}");
            if (length == 0) return TensorData.InMemory(default);
            ExternalFile file = OpenFile(entry.Location);
            // Both are non-negative, so the difference cannot overflow where the sum can.
            if (length > file.Length || entry.Offset > file.Length - length)
                throw new FormatException($"{length} bytes at {entry.Offset} lie outside '{entry.Location}', which has {file.Length}");
            if (entry.Checksum is { } checksum && !file.Sha1.Equals(checksum, StringComparison.OrdinalIgnoreCase))
                throw new FormatException($"'{entry.Location}' does not have the checksum that the model states");
            return new FileData(file, entry.Offset, length);
        }
        catch (Exception e) when (e is FormatException or UnsafePathException or IOException or UnauthorizedAccessException)
        {
            throw new CompilerException(DiagnosticTable.ExternalDataInvalid, proto.Name, e.Message.TrimEnd('.'));
        }
    }

    private ExternalFile OpenFile(string location)
    {
        if (_files.TryGetValue(location, out ExternalFile? file)) return file;
        if (folder is null) throw new FormatException($"the model was read from memory, so the folder of '{location}' is not known");
        ContainedPath path = ContainedPath.Resolve(folder, location, allowedRoot);
        if (!File.Exists(path.FullPath)) throw new FormatException($"the file '{location}' is not beside the model");
        // Pipes and devices have no length either, and opening one may wait for ever.
        if (new FileInfo(path.FullPath).Length == 0) throw new FormatException($"the file '{location}' is empty");
        file = new ExternalFile(path.FullPath, path.Open());
        _files.Add(location, file);
        return file;
    }

    private static Entry Parse(TensorProto proto)
    {
        var entry = new Entry("", 0, null, null);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto pair in proto.ExternalData)
        {
            if (!seen.Add(pair.Key)) throw new FormatException($"'{pair.Key}' is given twice");
            entry = pair.Key switch
            {
                "location" => entry with { Location = pair.Value },
                "offset" => entry with { Offset = ParseNumber(pair) },
                "length" => entry with { Length = ParseNumber(pair) },
                "checksum" => entry with { Checksum = pair.Value },
                // ONNX Runtime's own cache of packed weights: of no use to others.
                _ when pair.Key.StartsWith("prepacked", StringComparison.Ordinal) => entry,
                _ => throw new FormatException($"'{pair.Key}' is not known"),
            };
        }
        return entry;
    }

    private static long ParseNumber(StringStringEntryProto pair) =>
        long.TryParse(pair.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : throw new FormatException($"'{pair.Value}' is no {pair.Key}");

    private sealed record Entry(string Location, long Offset, long? Length, string? Checksum);
}
