using ModelCompiler.Diagnostics;

namespace ModelCompiler.Optimizer.Data;

/// <summary>Arrays in a <c>.npy</c> file each.</summary>
internal sealed class NpyFiles(IReadOnlyDictionary<string, string> paths) : ArrayContainer
{
    public override IReadOnlyCollection<string> Names { get; } = [.. paths.Keys];

    public override NpyReader Open(string name)
    {
        FileStream stream = OpenStream(paths[name]);
        string where = $"in '{paths[name]}'";
        try
        {
            var reader = new NpyReader(stream, where);
            long expected = reader.Header.Length + reader.Header.DataLength;
            if (stream.Length != expected) throw DiagnosticTable.ArrayInvalid.Error(where, $"it has {stream.Length} bytes, and its header says {expected}");
            return reader;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override void Dispose() { }
}
