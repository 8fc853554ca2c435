using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>How many rows a table has that an integer input points into, such as the embedding of tokens: any of them is a valid index.</summary>
internal static class IndexedRows
{
    /// <summary>The rows of the smallest constant table that each input points into, by the name of the input; inputs that point into none are not there.</summary>
    public static IReadOnlyDictionary<string, long> Of(Graph graph)
    {
        var rows = new Dictionary<string, long>();
        foreach (Value input in graph.Inputs.Where(input => input.ElementType is ElementType.Int64 or ElementType.Int32))
        {
            long[] tables = [.. Tables(input)];
            if (tables.Length > 0) rows.Add(input.Name, tables.Min());
        }
        return rows;
    }

    private static IEnumerable<long> Tables(Value indices)
    {
        foreach (Use use in indices.Uses)
        {
            Node node = use.Node;
            if (node.Is("Gather") && use.Index == 1 && node.Constant(0) is { Dims.Length: > 0 } table)
            {
                long axis = node.Attributes.GetInt("axis", 0);
                yield return table.Dims[(int)(axis < 0 ? axis + table.Dims.Length : axis)];
            }
            else if (use.Index == 0 && IsMovement(node))
                foreach (long found in Tables(node.Outputs[0])) yield return found;
        }
    }

    private static bool IsMovement(Node node) => node.Domain.Length == 0 && node.OpType is "Cast" or "Identity" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Transpose";
}
