using System.IO.MemoryMappedFiles;
using Google.Protobuf;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Reads ONNX files. Weights in the file are copied once, weights beside it are left there until they are needed.</summary>
public static class OnnxReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="CompilerException">The file is not there, is no ONNX model, or breaks the format's rules (OM1xxx, OM6xxx).</exception>
    public static Model Read(string path, ReadOptions? options = null)
    {
        if (Directory.Exists(path)) throw new CompilerException(DiagnosticTable.ModelIsFolder, path) { File = path };
        if (!File.Exists(path)) throw new CompilerException(DiagnosticTable.ModelNotFound, path, Neighbour.Hint(path)) { File = path };
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            return Build(ParseFile(path), folder, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilerException(DiagnosticTable.FileUnreadable.Id, DiagnosticTable.FileUnreadable.Text(e.Message), path, e);
        }
        catch (CompilerException e) when (e.File is null)
        {
            throw new CompilerException(e.Code, e.Message, path, e);
        }
    }

    /// <summary>Reads a model out of memory.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="baseDirectory">The folder of its external data, or null where it has none.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="CompilerException">The bytes are no ONNX model, or break the format's rules (OM1xxx).</exception>
    public static Model Read(ReadOnlyMemory<byte> bytes, string? baseDirectory = null, ReadOptions? options = null) =>
        Build(Parse(bytes.Span), baseDirectory, options);

    private static Model Build(ModelProto proto, string? folder, ReadOptions? options) =>
        new ModelReader(new TensorReader(new ExternalDataReader(folder, options?.ExternalDataRoot))).Read(proto);

    /// <summary>Parsed from a mapping, so that the weights are in memory once.</summary>
    private static unsafe ModelProto ParseFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        if (stream.Length == 0) throw FileKind.NotOnnx([]);
        if (stream.Length > ReadLimits.FileSize) throw new CompilerException(DiagnosticTable.ModelTooLarge, $"it has {stream.Length} bytes, and a file of this format has less than 2 GiB");
        using var mapping = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using MemoryMappedViewAccessor view = mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return Parse(new ReadOnlySpan<byte>(start, (int)stream.Length));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static ModelProto Parse(ReadOnlySpan<byte> bytes)
    {
        WireCheck.Run(bytes);
        try
        {
            ModelProto proto = ModelProto.Parser.ParseFrom(bytes);
            return proto.Graph is null ? throw FileKind.NotOnnx(bytes) : proto;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CompilerException(DiagnosticTable.ModelInvalid.Id, DiagnosticTable.ModelInvalid.Text(e.Message.TrimEnd('.')), null, e);
        }
    }
}
