using System.Globalization;

namespace ModelCompiler.Json;

internal enum JsonKind
{
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// <summary>
/// A parsed JSON value. Accessors name the value's path when it is not what was asked for, so that a reader of a
/// document needs no checks of its own.
/// </summary>
internal sealed class JsonValue
{
    private static readonly JsonValue[] NoItems = [];
    private static readonly Dictionary<string, JsonValue> NoMembers = [];

    private readonly string _text;
    private readonly IReadOnlyList<JsonValue> _items;
    private readonly Dictionary<string, JsonValue> _members;

    private JsonValue(
        JsonKind kind,
        JsonPath path,
        string text = "",
        IReadOnlyList<JsonValue>? items = null,
        Dictionary<string, JsonValue>? members = null)
    {
        Kind = kind;
        Path = path;
        _text = text;
        _items = items ?? NoItems;
        _members = members ?? NoMembers;
    }

    public JsonKind Kind { get; }

    public JsonPath Path { get; }

    public IReadOnlyList<JsonValue> Items => Expect(JsonKind.Array)._items;

    public IReadOnlyDictionary<string, JsonValue> Members => Expect(JsonKind.Object)._members;

    public bool IsNull => Kind == JsonKind.Null;

    public static JsonValue Null(JsonPath path) => new(JsonKind.Null, path);

    public static JsonValue Boolean(JsonPath path, bool value) => new(JsonKind.Boolean, path, value ? "true" : "false");

    public static JsonValue Number(JsonPath path, string text) => new(JsonKind.Number, path, text);

    public static JsonValue String(JsonPath path, string text) => new(JsonKind.String, path, text);

    public static JsonValue Array(JsonPath path, IReadOnlyList<JsonValue> items) => new(JsonKind.Array, path, items: items);

    public static JsonValue Object(JsonPath path, Dictionary<string, JsonValue> members) =>
        new(JsonKind.Object, path, members: members);

    /// <summary>The member, or a null value when there is none.</summary>
    public JsonValue this[string name] =>
        Expect(JsonKind.Object)._members.TryGetValue(name, out var value) ? value : Null(Path.Member(name));

    public string AsString() => Expect(JsonKind.String)._text;

    public string? AsStringOrNull() => IsNull ? null : AsString();

    public bool AsBoolean() => Expect(JsonKind.Boolean)._text == "true";

    public long AsInt64() =>
        long.TryParse(Expect(JsonKind.Number)._text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Fault("a 64-bit integer");

    /// <summary>A count or an index: an integer from 0 to <see cref="int.MaxValue"/>.</summary>
    public int AsCount() => AsInt64() is >= 0 and <= int.MaxValue and var value ? (int)value : throw Fault("a count");

    public double AsDouble()
    {
        string text = Expect(JsonKind.Number)._text;
        bool parsed = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
        return parsed && !double.IsInfinity(value) ? value : throw Fault("a finite number");
    }

    public double? AsDoubleOrNull() => IsNull ? null : AsDouble();

    /// <summary>The exception for a value that is not what its reader needs.</summary>
    public JsonFormatException Fault(string expected) => new($"{Path} should be {expected}");

    private JsonValue Expect(JsonKind kind) => Kind == kind ? this : throw Fault(Describe(kind));

    private static string Describe(JsonKind kind) => kind switch
    {
        JsonKind.Null => "null",
        JsonKind.Boolean => "true or false",
        JsonKind.Number => "a number",
        JsonKind.String => "a string",
        JsonKind.Array => "an array",
        _ => "an object",
    };
}
