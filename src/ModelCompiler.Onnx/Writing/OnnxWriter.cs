using Google.Protobuf;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Writes ONNX files: the same model gives the same bytes. Weights are written from where they are, not copied.</summary>
public static class OnnxWriter
{
    /// <summary>What tensors may take in a file that may have 2 GiB, names and shapes included.</summary>
    private const long MaxEmbedded = int.MaxValue - (256L << 20);

    /// <summary>Writes a file. It appears under its name when it is complete, its data file before it.</summary>
    /// <exception cref="CompilerException">The file cannot be written (OM6002), or the model does not fit the format (OM1013).</exception>
    public static void Write(Model model, string path, WriteOptions? options = null)
    {
        options ??= WriteOptions.Default;
        bool isExternal = options.ExternalData || EmbeddedBytes(model) > MaxEmbedded;
        try
        {
            using var modelFile = new AtomicFile(path);
            using ExternalDataWriter? data = isExternal ? new ExternalDataWriter(path, options.ExternalDataThreshold) : null;
            Encode(model, options, data).WriteTo(modelFile.Stream);
            data?.Publish();
            modelFile.Publish();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilerException(DiagnosticTable.FileUnwritable.Id, DiagnosticTable.FileUnwritable.Text(e.Message), path, e);
        }
    }

    /// <summary>The file as bytes, weights included.</summary>
    /// <exception cref="CompilerException">The model does not fit into one file (OM1013).</exception>
    public static byte[] ToBytes(Model model, WriteOptions? options = null) => Encode(model, options ?? WriteOptions.Default, null).ToByteArray();

    private static ModelProto Encode(Model model, WriteOptions options, ExternalDataWriter? data)
    {
        long embedded = EmbeddedBytes(model, data);
        if (embedded > MaxEmbedded) throw new CompilerException(DiagnosticTable.ModelExceedsProtobuf, embedded);
        return new ModelWriter(new TensorWriter(data), options).Write(model);
    }

    private static long EmbeddedBytes(Model model, ExternalDataWriter? data = null)
    {
        IEnumerable<Graph> graphs = model.Functions.Select(f => f.Body).Prepend(model.Graph).SelectMany(g => g.AllGraphs());
        long total = 0;
        foreach (Graph graph in graphs)
        {
            foreach (Value value in graph.Initializers)
                if (data is null || !data.Takes(value.Initializer!)) total += Size(value.Initializer!);
            foreach (Node node in graph.Nodes)
                foreach (NodeAttribute attribute in node.Attributes) total += Size(attribute.Value);
        }
        return total;
    }

    private static long Size(object? value) => value switch
    {
        Tensor { ElementType: not ElementType.String } tensor => tensor.Data.Length,
        Tensor[] list => list.Sum(Size),
        SparseTensor sparse => Size(sparse.Values) + Size(sparse.Indices),
        _ => 0,
    };
}
