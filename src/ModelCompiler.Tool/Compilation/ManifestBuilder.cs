using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Makes the manifest of a compiled model.</summary>
internal sealed class ManifestBuilder(ModelCompilation compilation, Model model, Signature signature, IEnumerable<string> hostNodes)
{
    /// <summary>ONNX Runtime's minor version that is the first to run an operator set (its compatibility table); older sets run everywhere.</summary>
    private static readonly (long Opset, int MinorVersion)[] OrtVersions = [(23, 23), (22, 21), (21, 18), (20, 17), (19, 15)];

    /// <summary>The oldest C API that the runtime library works with.</summary>
    private const int OldestApi = 15;

    private const int Sha256Digits = 64;

    /// <summary>The names of the generated type that a compilation asks for, in a manifest that another one made.</summary>
    public static ModelManifest Present(ModelManifest manifest, ModelCompilation compilation) => manifest with
    {
        ClassName = compilation.Settings.ClassName,
        Namespace = compilation.Settings.Namespace ?? compilation.RootNamespace,
        IsPublic = compilation.Settings.IsPublic,
    };

    /// <summary>A manifest of the signature alone, with a hash that no file has: good for types, and refused where a model is to be opened.</summary>
    public ModelManifest BuildProvisional()
    {
        string none = new('0', Sha256Digits);
        return Build(new ManifestFile(compilation.Files.Model, 0, none), [], new ManifestFile(Path.GetFileName(compilation.Source), 0, none));
    }

    public ModelManifest Build(ManifestFile file, IEnumerable<ManifestFile> externalData, ManifestFile source)
    {
        ItemSettings settings = compilation.Settings;
        Graph graph = model.Graph;
        return new ModelManifest
        {
            Name = compilation.Name,
            ClassName = settings.ClassName,
            Namespace = settings.Namespace ?? compilation.RootNamespace,
            IsPublic = settings.IsPublic,
            IsEmbedded = settings.IsEmbedded,
            Model = file,
            ExternalData = new(externalData),
            Source = source,
            ToolVersion = ToolVersion.Text,
            MinimumRuntimeVersion = ToolVersion.Text,
            MinimumOrtApiVersion = OrtVersions.FirstOrDefault(version => model.Opset >= version.Opset, (0, OldestApi)).MinorVersion,
            Precision = settings.Precision.ToString(),
            ExecutionProviders = new(settings.ExecutionProviders.Select(provider => provider.ToString())),
            ProviderOptions = new(settings.ProviderChoices.SelectMany(choice => choice.Options.OrderBy(option => option.Key, StringComparer.Ordinal), (choice, option) =>
                new ManifestProviderOption(choice.Provider.ToString(), option.Key, option.Value))),
            HostNodes = new(hostNodes),
            Opset = checked((int)model.Opset),
            Inputs = new(TensorNames.InputsOf(graph).Select(input => Value(input) with { State = settings.State.GetValueOrDefault(input.Name), Image = Image(input) })),
            Outputs = new(graph.Outputs.Select(output => Value(output) with { Labels = new(signature.Labels.Of(output)) })),
            Batch = Batch(settings),
        };
    }

    private static ManifestBatch Batch(ItemSettings settings) => new(
        settings.Batch, settings.Batch ?? settings.MaxBatch ?? ManifestBatch.Default.Max, settings.BatchWindowMicroseconds ?? ManifestBatch.Default.WindowMicroseconds);

    private ManifestImage? Image(Value input) => signature.Image is not { } image || image.Input != input.Name ? null : new ManifestImage(
        Enum.Parse<ManifestPixelOrder>(compilation.Settings.Image!.Order.ToString()), Enum.Parse<ManifestImageFit>(compilation.Settings.Image.Fit.ToString()), image.Width, image.Height);

    private ManifestValue Value(Value value)
    {
        (ManifestValueKind kind, OnnxType? inner) = value.Type switch
        {
            SequenceType sequence => (ManifestValueKind.Sequence, sequence.Element),
            OptionalType { Element: SequenceType sequence } => (ManifestValueKind.OptionalSequence, sequence.Element),
            OptionalType optional => (ManifestValueKind.Optional, optional.Element),
            MapType map => (ManifestValueKind.Map, map.Value),
            _ => (ManifestValueKind.Tensor, value.Type),
        };
        // A sequence of maps, as classical classifiers give it, is described by what the maps hold.
        MapType? maps = value.Type as MapType ?? inner as MapType;
        if (inner is MapType nested) inner = nested.Value;
        if (inner is not TensorType tensor) throw DiagnosticTable.SignatureNotSupported.Error(compilation.Name, $"the type of '{value.Name}' has no tensor in it, or none at the second level");
        return new ManifestValue
        {
            Name = value.Name,
            Member = compilation.Settings.Rename.GetValueOrDefault(value.Name),
            Kind = kind,
            KeyType = maps is null ? null : ElementTypeOf(value, maps.Key),
            ElementType = ElementTypeOf(value, tensor.ElementType),
            Shape = tensor.Shape is { } shape ? new EquatableArray<ManifestDimension>(shape.Select(Dimension)) : null,
            HasDefault = value.Default is not null,
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
