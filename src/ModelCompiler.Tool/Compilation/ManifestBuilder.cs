using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Makes the manifest of a compiled model.</summary>
internal sealed class ManifestBuilder(ModelCompilation compilation, CompileResult result)
{
    /// <summary>ONNX Runtime's minor version that is the first to run an operator set (its compatibility table); older sets run everywhere.</summary>
    private static readonly (long Opset, int MinorVersion)[] OrtVersions = [(23, 23), (22, 21), (21, 18), (20, 17), (19, 15)];

    /// <summary>The oldest C API that the runtime library works with.</summary>
    private const int OldestApi = 15;

    public ModelManifest Build(ManifestFile model, IEnumerable<ManifestFile> externalData, ManifestFile source)
    {
        ItemSettings settings = compilation.Settings;
        Graph graph = result.Model.Graph;
        return new ModelManifest
        {
            Name = compilation.Name,
            ClassName = settings.ClassName,
            Namespace = settings.Namespace ?? compilation.RootNamespace,
            IsPublic = settings.IsPublic,
            Model = model,
            ExternalData = new(externalData),
            Source = source,
            ToolVersion = ToolVersion.Text,
            MinimumRuntimeVersion = ToolVersion.Text,
            MinimumOrtApiVersion = OrtVersions.FirstOrDefault(version => result.Model.Opset >= version.Opset, (0, OldestApi)).MinorVersion,
            Precision = result.Plan.Precision.ToString(),
            ExecutionProviders = new(settings.ExecutionProviders),
            Opset = checked((int)result.Model.Opset),
            Inputs = new(graph.Inputs.Where(input => input.Initializer is null).Select(Value)),
            Outputs = new(graph.Outputs.Select(Value)),
            Metrics = Metrics(),
        };
    }

    private ManifestMetrics Metrics() => new()
    {
        AccuracyFloat = result.Accuracy?.Source / 100,
        AccuracyCompiled = result.Accuracy?.Compiled / 100,
        Agreement = result.Agreement?.Outputs.Min(output => output.Top1Agreement),
        LatencyRatio = result.LatencyRatio,
        NodesQuantized = result.QuantizedNodes,
        NodesFloat = result.FloatNodes,
    };

    private ManifestValue Value(Value value)
    {
        (ManifestValueKind kind, OnnxType? inner) = value.Type switch
        {
            SequenceType sequence => (ManifestValueKind.Sequence, sequence.Element),
            OptionalType optional => (ManifestValueKind.Optional, optional.Element),
            MapType map => (ManifestValueKind.Map, map.Value),
            _ => (ManifestValueKind.Tensor, value.Type),
        };
        // A sequence of maps, as classical classifiers give it, is described by what the maps hold.
        if (inner is MapType nested) inner = nested.Value;
        if (inner is not TensorType tensor) throw DiagnosticTable.SignatureNotSupported.Error(compilation.Name, $"the type of '{value.Name}' has no tensor in it");
        return new ManifestValue
        {
            Name = value.Name,
            Kind = kind,
            ElementType = ElementTypeOf(value, tensor.ElementType),
            Shape = tensor.Shape is { } shape ? new EquatableArray<ManifestDimension>(shape.Select(Dimension)) : null,
            Doc = value.Doc.Length > 0 ? value.Doc : null,
        };
    }

    private ManifestElementType ElementTypeOf(Value value, ElementType type) => type switch
    {
        ElementType.Float => ManifestElementType.Float32,
        ElementType.Double => ManifestElementType.Float64,
        _ when Enum.TryParse(type.ToString(), out ManifestElementType same) => same,
        _ => throw DiagnosticTable.SignatureNotSupported.Error(compilation.Name, $"'{value.Name}' has elements of type {type}"),
    };

    private static ManifestDimension Dimension(Dim dim) => dim.ValueOrNull is { } size ? ManifestDimension.Fixed(size)
        : dim.Symbol is { } symbol ? ManifestDimension.Symbolic(symbol)
        : ManifestDimension.Unknown;
}
