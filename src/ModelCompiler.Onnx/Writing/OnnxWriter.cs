using Google.Protobuf;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Writes ONNX files: the same model gives the same bytes. Weights are written from where they are, not copied.</summary>
public static class OnnxWriter
{
    /// <summary>What tensors may take in a file that may have 2 GiB, names and shapes included.</summary>
    private const long MaxEmbedded = int.MaxValue - (256L << 20);

    /// <summary>What may be loaded for a file of its own out of the files that weights are read from.</summary>
    private const long MaxLoaded = 512 << 20;

    /// <summary>Writes a file. It appears under its name when it is complete, its data file before it.</summary>
    /// <exception cref="CompilerException">The file cannot be written (OM6002), or the model does not fit the format (OM1013).</exception>
    public static void Write(Model model, string path, WriteOptions? options = null)
    {
        options ??= WriteOptions.Default;
        bool isExternal = options.ExternalData || WeightBytes(model) > MaxEmbedded || WeightBytes(model, data => data.IsInFile) > MaxLoaded;
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

    /// <summary>Bytes of all constants, of which <paramref name="counts"/> may leave some out. Strings are not counted.</summary>
    public static long WeightBytes(Model model, Predicate<TensorData>? counts = null)
    {
        IEnumerable<Graph> graphs = model.Functions.Select(f => f.Body).Prepend(model.Graph).SelectMany(g => g.AllGraphs());
        long total = 0;
        foreach (Graph graph in graphs)
        {
            foreach (Value value in graph.Initializers) total += Size(value.Initializer, counts);
            foreach (Node node in graph.Nodes)
                foreach (NodeAttribute attribute in node.Attributes) total += Size(attribute.Value, counts);
        }
        return total;
    }

    private static ModelProto Encode(Model model, WriteOptions options, ExternalDataWriter? data)
    {
        long embedded = data is null ? WeightBytes(model) : EmbeddedBytes(model, data);
        if (embedded > MaxEmbedded) throw new CompilerException(DiagnosticTable.ModelExceedsProtobuf, embedded);
        return new ModelWriter(new TensorWriter(data), options).Write(model);
    }

    /// <summary>What stays in the model file: all that is in attributes, and initializers that are too small for the other.</summary>
    private static long EmbeddedBytes(Model model, ExternalDataWriter data)
    {
        IEnumerable<Value> initializers = model.Graph.AllGraphs().SelectMany(graph => graph.Initializers);
        return WeightBytes(model) - initializers.Where(value => data.Takes(value.Initializer!)).Sum(value => value.Initializer!.Data.Length);
    }

    private static long Size(object? value, Predicate<TensorData>? counts) => value switch
    {
        Tensor { ElementType: not ElementType.String } tensor => counts is null || counts(tensor.Data) ? tensor.Data.Length : 0,
        Tensor[] list => list.Sum(tensor => Size(tensor, counts)),
        SparseTensor sparse => Size(sparse.Values, counts) + Size(sparse.Indices, counts),
        _ => 0,
    };
}
