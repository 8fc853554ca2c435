using System.Collections.Frozen;
using System.Globalization;

namespace ModelCompiler.Onnx;

/// <summary>The signatures of the operators of ONNX (operator sets 7 to 22), of ONNX-ML, and of ONNX Runtime's common own ones; out of <c>operators.txt</c>.</summary>
public static class OperatorSchemas
{
    /// <summary>The newest version of ONNX's own operator set that the table knows. Signatures of later ones may differ.</summary>
    public const long NewestOpset = 22;

    private static readonly FrozenDictionary<(string Domain, string Name), OperatorSchema[]> Table = Load();

    /// <summary>The signature that holds in a version of the operator set, or null where the table has none.</summary>
    public static OperatorSchema? Find(string domain, string name, long version)
    {
        if (domain.Length == 0 && version > NewestOpset) return null;
        OperatorSchema[] history = History(domain, name);
        for (int i = history.Length - 1; i >= 0; i--)
            if (history[i].SinceVersion <= version) return history[i];
        return null;
    }

    /// <summary>The signatures of every operator.</summary>
    public static IEnumerable<OperatorSchema[]> All => Table.Values;

    /// <summary>The signatures of an operator, oldest first; empty where the table has none.</summary>
    public static OperatorSchema[] History(string domain, string name) => Table.GetValueOrDefault((domain, name), []);

    private static FrozenDictionary<(string, string), OperatorSchema[]> Load()
    {
        using Stream stream = typeof(OperatorSchemas).Assembly.GetManifestResourceStream("operators.txt")!;
        using var reader = new StreamReader(stream);
        var table = new Dictionary<(string, string), OperatorSchema[]>();
        string domain = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line[0] == '[')
            {
                domain = line[1..^1] is "ai.onnx" ? "" : line[1..^1];
                continue;
            }
            string[] parts = line.Split(" | ");
            table.Add((domain, parts[0]), Parse(domain, parts));
        }
        return table.ToFrozenDictionary();
    }

    private static OperatorSchema[] Parse(string domain, string[] parts)
    {
        var history = new OperatorSchema[parts.Length - 1];
        for (int i = 0; i < history.Length; i++)
        {
            string[] words = parts[i + 1].Split(' ');
            long since = long.Parse(words[0], CultureInfo.InvariantCulture);
            history[i] = words[1] switch
            {
                "=" => history[i - 1] with { SinceVersion = since, IsCompatible = true },
                "~" => history[i - 1] with { SinceVersion = since, IsCompatible = false },
                "deprecated" => new OperatorSchema { Domain = domain, Name = parts[0], SinceVersion = since, IsDeprecated = true },
                string arity => new OperatorSchema
                {
                    Domain = domain,
                    Name = parts[0],
                    SinceVersion = since,
                    IsCompatible = arity[0] == '+',
                    Inputs = ParseRange(arity.TrimStart('+').Split('>')[0]),
                    Outputs = ParseRange(arity.Split('>')[1]),
                    RequiredAttributes = words.Count(word => word.EndsWith('!')),
                    Attributes = words.Contains("...") ? null : words.Skip(2).Select(ParseAttribute).ToFrozenDictionary(),
                },
            };
        }
        return history;
    }

    private static (int, int) ParseRange(string text)
    {
        string[] bounds = text.Split('-');
        int min = int.Parse(bounds[0], CultureInfo.InvariantCulture);
        return (min, bounds[^1] == "*" ? int.MaxValue : int.Parse(bounds[^1], CultureInfo.InvariantCulture));
    }

    private static KeyValuePair<string, AttributeSchema> ParseAttribute(string text)
    {
        string[] parts = text.TrimEnd('!').Split(':');
        AttributeKind kind = parts[1] switch
        {
            "f" => AttributeKind.Float,
            "i" => AttributeKind.Int,
            "s" => AttributeKind.String,
            "t" => AttributeKind.Tensor,
            "g" => AttributeKind.Graph,
            "st" => AttributeKind.SparseTensor,
            "tp" => AttributeKind.Type,
            "fs" => AttributeKind.Floats,
            "is" => AttributeKind.Ints,
            "ss" => AttributeKind.Strings,
            "ts" => AttributeKind.Tensors,
            _ => throw new FormatException($"'{text}' has no kind that operators.txt explains."),
        };
        return new(parts[0], new AttributeSchema(kind, text.EndsWith('!')));
    }
}
