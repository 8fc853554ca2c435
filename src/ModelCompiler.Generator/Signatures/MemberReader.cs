using System.Globalization;
using ModelCompiler.Generator.Naming;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>Gives every input, output and open size its C# names and type. Names that the item asks for come first.</summary>
internal sealed class MemberReader
{
    private const string BatchName = "batch";

    private readonly ModelManifest _manifest;
    private readonly bool _hasBatch;
    private readonly NameScope _parameters;
    private readonly NameScope _members;
    private readonly NameScope _classMembers;
    private readonly NameScope _inputConstants = NewConstants();
    private readonly NameScope _outputConstants = NewConstants();
    private readonly Dictionary<string, string> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sizesBySymbol = new(StringComparer.Ordinal);
    private readonly List<SizeParameter> _sizes = [];
    private NameScope? _destinations;

    public MemberReader(ModelManifest manifest, string className, bool hasBatch)
    {
        string[] typeNames = PredictorModel.TypeNames(className);
        _members = new([.. EmittedNames.OfObject, .. EmittedNames.OfRequest, .. typeNames]);
        _classMembers = new([.. EmittedNames.OfObject, .. EmittedNames.OfPredictor, .. typeNames]);
        _manifest = manifest;
        _hasBatch = hasBatch;
        _parameters = new NameScope(hasBatch ? BatchName : "", EmittedNames.Call, EmittedNames.CancellationToken);
        foreach (var value in manifest.Inputs.Concat(manifest.Outputs).Where(value => value.Member is not null))
        {
            _asked[value.Name] = _members.Add(CSharpName.Pascal(value.Member!, ""));
        }
    }

    /// <summary>The names that had to give way to an equal one, once for a parameter and its property.</summary>
    public IEnumerable<string> Renamed => _parameters.Renamed.Concat(_members.Renamed).GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Select(same => same.First());

    public TensorMember ReadInput(ManifestValue input)
    {
        string name = _parameters.Add(CSharpName.Camel(input.Member ?? input.Name, "input"));
        var member = Member(input, name, "Input", _inputConstants) with { IsState = input.State is not null };
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
        var member = Member(output, "", "Output", _outputConstants);
        return member with
        {
            Name = (_destinations ??= _parameters.Inner()).Add(CSharpName.Camel(output.Member ?? output.Name, "output")),
            IsState = _manifest.Inputs.Any(input => input.State == output.Name),
            Dimensions = output.Shape is { } shape ? new EquatableArray<TensorDimension>(shape.Select(ReadOutputDimension)) : null,
            LabelsName = output.Labels.Count > 0 ? _classMembers.Add(member.MemberName + "Labels") : null,
        };
    }

    /// <summary>Adds the names that are made of others, once all of those are given.</summary>
    public IEnumerable<TensorMember> Finish(IEnumerable<TensorMember> members) => members.Select(member => member with
    {
        ShapeMember = _members.Add(member.MemberName + "Shape"),
        SetterName = _members.Add("Set" + member.MemberName),
        ElementsName = _members.Add(member.MemberName + "Elements"),
    });

    /// <summary>The sizes that the inputs left open.</summary>
    public IEnumerable<SizeParameter> FinishSizes() => _sizes.Select(size => size with { MemberName = _members.Add(CSharpName.Pascal(size.Name, "Size")) });

    private TensorMember Member(ManifestValue value, string name, string role, NameScope constants)
    {
        string constant = constants.Add(CSharpName.Pascal(value.Name, role));
        string member = _asked.TryGetValue(value.Name, out string? asked) ? asked : _members.Add(CSharpName.Pascal(value.Name, role));
        return new TensorMember(value, name, member, constant, ElementTypeNames.CSharp(value.ElementType)!, null)
        {
            KeyType = value.KeyType is { } key ? ElementTypeNames.CSharp(key) : null,
        };
    }

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

    private static string SizeName(string? symbol, string input, int index) => symbol is null
        ? input + "Dimension" + index.ToString(CultureInfo.InvariantCulture)
        : CSharpName.Camel(symbol, "dimension");

    private TensorDimension ReadOutputDimension(ManifestDimension dimension) =>
        new(dimension.Value, dimension.Symbol is { } symbol && _sizesBySymbol.TryGetValue(symbol, out string? size) ? size : null);

    private static NameScope NewConstants() => new([.. EmittedNames.OfObject, EmittedNames.InputNames, EmittedNames.OutputNames]);
}
