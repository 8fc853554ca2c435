namespace ModelCompiler.Onnx;

/// <summary>Bounds on what a model file may make the reader do. Real models stay far below; a file beyond them is hostile or broken.</summary>
internal static class ReadLimits
{
    /// <summary>Graphs inside each other, the main graph included. ONNX Runtime stops at the same depth.</summary>
    public const int GraphDepth = 32;

    /// <summary>Protobuf messages inside each other, as in every protobuf implementation.</summary>
    public const int MessageDepth = 100;

    /// <summary>Attributes of one node: they are looked up one by one.</summary>
    public const int AttributesPerNode = 4096;

    /// <summary>A protobuf message has at most 2 GiB; larger models keep their weights in external files.</summary>
    public const long FileSize = int.MaxValue;

    /// <summary>
    /// Messages in a file of <paramref name="fileSize"/> bytes. An empty message takes 2 bytes in the file and hundreds in memory, so their number
    /// is bounded by the size; the densest of real files, shapes of large graphs, have a message per 12 bytes.
    /// </summary>
    public static long Messages(long fileSize) => (512 << 10) + fileSize / 8;
}
