using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Generator.Naming;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>Makes the predictor's model of a manifest: gives every tensor and open size its C# name and type.</summary>
internal sealed class SignatureReader
{
    private const string BatchName = "batch";

    /// <summary>A member of one of these names would hide what every object has.</summary>
    private static readonly string[] ObjectMembers = ["Equals", "ReferenceEquals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "Finalize"];

    private readonly ModelManifest _manifest;
    private readonly List<ReportedDiagnostic> _diagnostics = [];
    private readonly NameScope _parameters;
    private readonly NameScope _inputConstants = NewConstants();
    private readonly NameScope _outputConstants = NewConstants();
    private readonly Dictionary<string, string> _sizesBySymbol = new(StringComparer.Ordinal);
    private readonly List<SizeParameter> _sizes = [];
    private readonly bool _hasBatch;

    private SignatureReader(ModelManifest manifest)
    {
        _manifest = manifest;
        _hasBatch = HasBatch(manifest.Inputs);
        _parameters = new NameScope(_hasBatch ? BatchName : "", EmittedNames.Call, EmittedNames.CancellationToken);
    }

    public static PredictorResult Read(ModelManifest manifest) => new SignatureReader(manifest).Read();

    private PredictorResult Read()
    {
        string? className = ClassName();
        CheckProviders();
        foreach (var value in _manifest.Inputs.Concat(_manifest.Outputs))
        {
            CheckSupported(value);
        }

        if (className is null || _diagnostics.Count > 0)
        {
            return new PredictorResult(null, new(_diagnostics));
        }

        string resultName = ResultName(className);
        var inputs = _manifest.Inputs.Select(ReadInput).ToList();
        var members = new NameScope([.. ObjectMembers, resultName]);
        var outputs = _manifest.Outputs.Select(output => ReadOutput(output, members)).ToList();
        foreach (string renamed in _parameters.Renamed.Concat(members.Renamed))
        {
            Report(DiagnosticTable.NamesCollide, _manifest.Name, renamed);
        }

        var model = new PredictorModel
        {
            Namespace = CSharpName.Namespace(_manifest.Namespace),
            ClassName = className,
            ResultName = resultName,
            IsPublic = _manifest.IsPublic,
            Manifest = _manifest,
            Inputs = new(inputs),
            Outputs = new(outputs),
            Sizes = new(_sizes),
            HasBatch = _hasBatch,
        };
        return new PredictorResult(model, new(_diagnostics));
    }

    private string? ClassName()
    {
        if (_manifest.ClassName is not { } given)
        {
            return CSharpName.Pascal(_manifest.Name, "Model") + "Predictor";
        }

        if (CSharpName.IsUserName(given) && !EmittedNames.OfPredictor.Contains(given))
        {
            return CSharpName.EscapeUserName(given);
        }

        Report(DiagnosticTable.TypeNameInvalid, "ClassName", given);
        return null;
    }

    /// <summary><c>DigitsResult</c> beside <c>DigitsPredictor</c>.</summary>
    private static string ResultName(string className)
    {
        const string suffix = "Predictor";
        bool isUsual = className.Length > suffix.Length && className.EndsWith(suffix, StringComparison.Ordinal);
        return (isUsual ? className.Substring(0, className.Length - suffix.Length) : className.TrimStart('@')) + "Result";
    }

    private void CheckProviders()
    {
        foreach (string provider in _manifest.ExecutionProviders.Except(EmittedNames.ExecutionProviders))
        {
            Report(DiagnosticTable.SignatureNotSupported, _manifest.Name, $"the execution provider '{provider}' is unknown");
        }
    }

    private void CheckSupported(ManifestValue value)
    {
        if (value.Kind != ManifestValueKind.Tensor)
        {
            Report(DiagnosticTable.SignatureNotSupported, _manifest.Name, $"'{value.Name}' is a {ManifestNames.Of(value.Kind)}, and only tensors have a typed form");
        }
        else if (ElementTypeNames.CSharp(value.ElementType) is null)
        {
            Report(DiagnosticTable.SignatureNotSupported, _manifest.Name, $"'{value.Name}' has elements of type {ManifestNames.Of(value.ElementType)}, which .NET has no type for");
        }
    }

    private TensorMember ReadInput(ManifestValue input)
    {
        string name = _parameters.Add(CSharpName.Camel(input.Name, "input"));
        var dimensions = input.Shape is { } shape ? new EquatableArray<TensorDimension>(shape.Select((d, i) => ReadInputDimension(d, name, i))) : (EquatableArray<TensorDimension>?)null;
        string? shapeName = dimensions is null ? _parameters.Add(name + "Shape") : null;
        return Member(input, name, _inputConstants.Add(CSharpName.Pascal(input.Name, "Input")), dimensions) with { ShapeName = shapeName };
    }

    private TensorDimension ReadInputDimension(ManifestDimension dimension, string input, int index)
    {
        if (dimension.Value is { } value)
        {
            return new TensorDimension(value, null);
        }

        string key = dimension.Symbol ?? FormattableString.Invariant($"{input}[{index}]");
        if (!_sizesBySymbol.TryGetValue(key, out string? size))
        {
            size = _hasBatch ? BatchName : _parameters.Add(SizeName(dimension.Symbol, input, index));
            _sizesBySymbol.Add(key, size);
            _sizes.Add(new SizeParameter(size));
        }

        return new TensorDimension(null, size);
    }

    private static string SizeName(string? symbol, string input, int index) => symbol is null
        ? input + "Dimension" + index.ToString(CultureInfo.InvariantCulture)
        : CSharpName.Camel(symbol, "dimension");

    private TensorMember ReadOutput(ManifestValue output, NameScope members)
    {
        string name = members.Add(CSharpName.Pascal(output.Name, "Output"));
        var dimensions = output.Shape is { } shape ? new EquatableArray<TensorDimension>(shape.Select(ReadOutputDimension)) : (EquatableArray<TensorDimension>?)null;
        return Member(output, name, _outputConstants.Add(CSharpName.Pascal(output.Name, "Output")), dimensions);
    }

    private TensorDimension ReadOutputDimension(ManifestDimension dimension) =>
        new(dimension.Value, dimension.Symbol is { } symbol && _sizesBySymbol.TryGetValue(symbol, out string? size) ? size : null);

    private static TensorMember Member(ManifestValue value, string name, string constant, EquatableArray<TensorDimension>? dimensions) =>
        new(name, constant, value.Name, value.ElementType, ElementTypeNames.CSharp(value.ElementType)!, dimensions);

    private static NameScope NewConstants() => new([.. ObjectMembers, EmittedNames.InputNames, EmittedNames.OutputNames]);

    /// <summary>One open size in all inputs, and it comes first wherever it is: that is how a batch looks.</summary>
    private static bool HasBatch(EquatableArray<ManifestValue> inputs)
    {
        if (inputs.Any(input => input.Shape is null))
        {
            return false;
        }

        var open = inputs.SelectMany(input => input.Shape!.Value.Select((dimension, index) => (dimension, index))).Where(d => d.dimension.Value is null).ToList();
        bool isOneSize = open.Count == 1 || (open.Count > 1 && open[0].dimension.Symbol is not null && open.All(d => d.dimension == open[0].dimension));
        return isOneSize && open.All(d => d.index == 0);
    }

    private void Report(DiagnosticDescriptor descriptor, params object?[] arguments) => _diagnostics.Add(ReportedDiagnostic.Of(descriptor, arguments));
}
