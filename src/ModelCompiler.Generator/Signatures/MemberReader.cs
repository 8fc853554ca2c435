using System.Globalization;
using ModelCompiler.Generator.Naming;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>Gives every input, output and open size its C# names and type. Names that the item asks for come first.</summary>
internal sealed class MemberReader
{
    private const string BatchName = "batch";
    private const string InputRole = "Input";
    private const string OutputRole = "Output";

    private readonly ModelManifest _manifest;
    private readonly bool _hasBatch;
    private readonly NameScope _parameters;
    private readonly NameScope _members;
    private readonly NameScope _classMembers;
    private readonly NameScope _inputConstants = NewConstants();
    private readonly NameScope _outputConstants = NewConstants();
    private readonly NameScope _outputs;
    private readonly HashSet<string> _inputMembers = new(StringComparer.Ordinal);
    private readonly string[] _inputParameters;
    private readonly Dictionary<string, string> _askedInputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Member, string RequestMember)> _askedOutputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sizesBySymbol = new(StringComparer.Ordinal);
    private readonly List<SizeParameter> _sizes = [];
    private NameScope? _destinations;

    public MemberReader(ModelManifest manifest, string className, bool hasBatch)
    {
        string[] typeNames = PredictorModel.TypeNames(className);
        _members = new([.. EmittedNames.OfObject, .. EmittedNames.OfRequest, .. typeNames]);
        _outputs = _members.Inner();
        _classMembers = new([.. EmittedNames.OfObject, .. EmittedNames.OfPredictor, .. typeNames]);
        _manifest = manifest;
        _hasBatch = hasBatch;
        _parameters = new NameScope(hasBatch ? BatchName : "", EmittedNames.Call, EmittedNames.CancellationToken);
        // Before any size: a tensor and the size of a dimension may have one name, and it is the tensor's.
        _inputParameters = [.. manifest.Inputs.Select(input => _parameters.Add(CSharpName.Camel(input.Member ?? input.Name, "input")))];
        foreach (var input in manifest.Inputs.Where(input => input.Member is not null))
        {
            _askedInputs[input.Name] = AddInput(CSharpName.Pascal(input.Member!, ""));
        }

        foreach (var output in manifest.Outputs.Where(output => output.Member is not null))
        {
            _askedOutputs[output.Name] = AddOutput(CSharpName.Pascal(output.Member!, ""));
        }
    }

    /// <summary>The names that had to give way to an equal one, once for a parameter and its property.</summary>
    public IEnumerable<string> Renamed => _parameters.Renamed.Concat(_members.Renamed).Concat(_outputs.Renamed).GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Select(same => same.First());

    public TensorMember ReadInput(ManifestValue input, int index)
    {
        string name = _inputParameters[index];
        string memberName = _askedInputs.TryGetValue(input.Name, out string? asked) ? asked : AddInput(CSharpName.Pascal(input.Name, InputRole));
        var member = Member(input, name, memberName, InputRole, _inputConstants) with { IsState = input.State is not null };
        if (input.Shape is not { } shape)
        {
            return member with { ShapeName = input.Kind == ManifestValueKind.Tensor ? _parameters.Add(name + "Shape") : null };
        }

        bool takesSizes = input.Kind == ManifestValueKind.Tensor;
        return member with { Dimensions = new(shape.Select((d, axis) => takesSizes ? ReadInputDimension(d, input, name, axis) : new TensorDimension(d.Value, null))) };
    }

    /// <summary>Reads an output, once all inputs are read.</summary>
    public TensorMember ReadOutput(ManifestValue output)
    {
        var names = _askedOutputs.TryGetValue(output.Name, out var asked) ? asked : AddOutput(CSharpName.Pascal(output.Name, OutputRole));
        string name = CSharpName.Camel(output.Member ?? output.Name, "output");
        var member = Member(output, (_destinations ??= _parameters.Inner()).Add(_inputParameters.Contains(name) ? name + OutputRole : name), names.Member, OutputRole, _outputConstants);
        return member with
        {
            RequestMember = names.RequestMember,
            IsState = _manifest.Inputs.Any(input => input.State == output.Name),
            Dimensions = output.Shape is { } shape ? new EquatableArray<TensorDimension>(shape.Select(ReadOutputDimension)) : null,
            LabelsName = output.Labels.Count > 0 ? _classMembers.Add(member.MemberName + "Labels") : null,
        };
    }

    /// <summary>Adds the names that are made of others, once all of those are given.</summary>
    public IEnumerable<TensorMember> FinishInputs(IEnumerable<TensorMember> inputs) => inputs.Select(input => input with
    {
        ShapeMember = _members.Add(input.MemberName + "Shape"),
        SetterName = _members.Add("Set" + input.MemberName),
    });

    /// <inheritdoc cref="FinishInputs"/>
    public IEnumerable<TensorMember> FinishOutputs(IEnumerable<TensorMember> outputs) => outputs.Select(output => output with
    {
        ShapeMember = _members.Add(output.RequestMember + "Shape"),
        ElementsName = _outputs.Add(output.MemberName + "Elements"),
    });

    /// <summary>The sizes that the inputs left open.</summary>
    public IEnumerable<SizeParameter> FinishSizes() => _sizes.Select(size => size with { MemberName = _members.Add(CSharpName.Pascal(size.Name, "Size")) });

    private string AddInput(string name)
    {
        name = _members.Add(name);
        _inputMembers.Add(name);
        return name;
    }

    /// <summary>An output may have the name of an input, as it does where the model hands one on: only a request, which has both, tells them apart.</summary>
    private (string Member, string RequestMember) AddOutput(string name)
    {
        name = _outputs.Add(name);
        return (name, _members.Add(_inputMembers.Contains(name) ? name + OutputRole : name));
    }

    private static TensorMember Member(ManifestValue value, string name, string memberName, string role, NameScope constants) =>
        new(value, name, memberName, constants.Add(CSharpName.Pascal(value.Name, role)), ElementTypeNames.CSharp(value.ElementType)!, null)
        {
            RequestMember = memberName,
            KeyType = value.KeyType is { } key ? ElementTypeNames.CSharp(key) : null,
        };

    private TensorDimension ReadInputDimension(ManifestDimension dimension, ManifestValue input, string name, int axis)
    {
        bool isOfPicture = input.Image is not null && axis is (1 or 2);
        if (dimension.Value is not null || isOfPicture)
        {
            return new TensorDimension(dimension.Value, null);
        }

        if (Grows(input, dimension, axis))
        {
            return new TensorDimension(null, null, Starts: true);
        }

        string key = dimension.Symbol ?? FormattableString.Invariant($"{name}[{axis}]");
        bool isOfStream = input.State is not null;
        if (!_sizesBySymbol.TryGetValue(key, out string? size))
        {
            size = _hasBatch && !isOfStream ? BatchName : _parameters.Add(SizeName(dimension.Symbol, name, axis));
            _sizesBySymbol.Add(key, size);
            if (_sizes.All(other => other.Name != size))
            {
                _sizes.Add(new SizeParameter(size, "", isOfStream));
            }
        }
        else if (isOfStream)
        {
            int index = _sizes.FindIndex(s => s.Name == size);
            _sizes[index] = _sizes[index] with { IsOfStream = true };
        }

        return new TensorDimension(null, size);
    }

    /// <summary>A size of the state that the output names otherwise is another one after each call: it begins at nothing.</summary>
    private bool Grows(ManifestValue input, ManifestDimension dimension, int axis) =>
        input.State is { } state && dimension.Symbol is not null
        && _manifest.Outputs.FirstOrDefault(output => output.Name == state)?.Shape is { } shape && axis < shape.Count
        && shape[axis] is { Value: null, Symbol: { } other } && other != dimension.Symbol;

    private string SizeName(string? symbol, string input, int index)
    {
        string name = symbol is null ? input + "Dimension" + index.ToString(CultureInfo.InvariantCulture) : CSharpName.Camel(symbol, "dimension");
        return _inputParameters.Contains(name) ? name + "Size" : name;
    }

    private TensorDimension ReadOutputDimension(ManifestDimension dimension) =>
        new(dimension.Value, dimension.Symbol is { } symbol && _sizesBySymbol.TryGetValue(symbol, out string? size) ? size : null);

    private static NameScope NewConstants() => new([.. EmittedNames.OfObject, EmittedNames.InputNames, EmittedNames.OutputNames]);
}
