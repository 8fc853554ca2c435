using System.Globalization;

namespace ModelCompiler.Json;

/// <summary>
/// Where a value stands in its document, such as <c>$.inputs[0].shape</c>; member names are those of the document. The text is made when it is asked for,
/// which is when something is wrong.
/// </summary>
internal sealed class JsonPath
{
    public static readonly JsonPath Root = new(null, "$", 0);

    private readonly JsonPath? _parent;
    private readonly string? _name;
    private readonly int _index;

    private JsonPath(JsonPath? parent, string? name, int index)
    {
        _parent = parent;
        _name = name;
        _index = index;
    }

    public JsonPath Member(string name) => new(this, name, 0);

    public JsonPath Item(int index) => new(this, null, index);

    public override string ToString()
    {
        if (_parent is null)
        {
            return _name!;
        }

        return _parent + (_name is null ? "[" + _index.ToString(CultureInfo.InvariantCulture) + "]" : "." + _name);
    }
}
