using System.Buffers;
using System.Text.Unicode;
using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>Says what a file is that turned out to be no ONNX model: the mistakes that people make most.</summary>
internal static class FileKind
{
    // Control characters that no text has: all but tab and line ends.
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Except([9, 10, 13]).Append(127).Select(i => (byte)i)]);

    /// <summary>The error for a file of these bytes.</summary>
    public static CompilerException NotOnnx(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> head = bytes[..Math.Min(bytes.Length, 512)];
        if (head.IsEmpty) return new CompilerException(DiagnosticTable.ModelEmpty);
        if (head.StartsWith("version https://git-lfs"u8)) return new CompilerException(DiagnosticTable.ModelIsLfsPointer);
        if (!IsText(head)) return new CompilerException(DiagnosticTable.ModelNotOnnx, DescribeBinary(head));
        bool isMarkup = head.TrimStart("\uFEFF \t\r\n"u8).StartsWith("<"u8);
        return new CompilerException(isMarkup ? DiagnosticTable.ModelIsWebPage : DiagnosticTable.ModelIsText);
    }

    private static string DescribeBinary(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\u0003\u0004"u8)) return "it is a ZIP archive, such as torch.save writes";
        if (head.Length >= 8 && head[4..8].SequenceEqual("TFL3"u8)) return "it is a TensorFlow Lite model";
        if (head.Length >= 8 && head[4..8].SequenceEqual("ORTM"u8)) return "it is in the .ort format of ONNX Runtime";
        if (head.Length >= 4 && head[1..4].SequenceEqual("HDF"u8)) return "it is an HDF5 file, such as Keras writes";
        if (head.Length >= 2 && head[0] == 0x80 && head[1] is >= 2 and <= 5) return "it is a Python pickle, such as older versions of torch.save and joblib write";
        if (head.Length >= 10 && head[8..10].SequenceEqual("{\""u8)) return "it is a safetensors file, which holds weights without a graph";
        if (head.StartsWith("GGUF"u8)) return "it is a GGUF file, as llama.cpp reads";
        return "its bytes are no protobuf message with a graph";
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        if (head.ContainsAny(Controls)) return false;
        // The head may end inside a character of up to 4 bytes.
        for (int cut = 0; cut < 4 && cut < head.Length; cut++)
            if (Utf8.IsValid(head[..^cut])) return true;
        return false;
    }
}
