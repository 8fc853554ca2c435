using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>Replaces calls of a model's own functions by their bodies, so that passes see operators only.</summary>
public static class FunctionInliner
{
    /// <summary>Inlines every call, in subgraphs and functions too, and removes the functions. Where function and model are written in different operator sets, the older is converted.</summary>
    /// <returns>How many calls there were.</returns>
    /// <exception cref="CompilerException">Functions call each other in a circle (OM1004), grow too large (OM1005), or need operator sets that cannot be brought together (OM3001, OM1004).</exception>
    public static int Inline(Model model)
    {
        if (model.Functions.Count == 0) return 0;
        var calls = new FunctionCalls(model);
        calls.Check(model.Graph);
        if (UniteOpsets(model)) calls = new FunctionCalls(model);

        int count = 0;
        var pending = new Queue<Node>(model.Graph.AllNodes().Where(node => calls.Callee(node) is not null));
        while (pending.TryDequeue(out Node? call))
        {
            count++;
            foreach (Node node in InlineCall(call, calls.Callee(call)!))
                if (calls.Callee(node) is not null) pending.Enqueue(node);
        }
        RemoveFunctions(model);
        return count;
    }

    /// <summary>The operator sets of functions become those of the model. Returns whether functions were converted for it.</summary>
    private static bool UniteOpsets(Model model)
    {
        foreach ((string domain, long version) in model.Functions.SelectMany(function => function.Opsets).Where(set => set.Key.Length > 0))
        {
            if (!model.Opsets.TryAdd(domain, version) && model.Opsets[domain] != version)
                throw new CompilerException(DiagnosticTable.ModelInvalid, $"a function is written in version {version} of operator set '{domain}', and the model in {model.Opsets[domain]}");
        }
        long newest = model.Functions.Select(f => f.Opsets.GetValueOrDefault("")).Append(model.Opset).Max();
        if (model.Opset == newest && model.Functions.TrueForAll(f => f.Opsets.GetValueOrDefault("", newest) == newest)) return false;
        OpsetConverter.Convert(model, newest, "A function");
        return true;
    }

    /// <summary>Returns the nodes that came in place of the call, those in subgraphs included.</summary>
    private static List<Node> InlineCall(Node call, Function function)
    {
        Graph graph = call.Graph;
        var copier = new GraphCopier
        {
            // A body holds for inputs of any type; names of nodes tell where they came from.
            KeepsDetails = false,
            NodePrefix = (call.Name.Length > 0 ? call.Name : call.OpType) + "/",
            Substitute = attribute => Substitute(attribute, call, function),
        };
        for (int i = 0; i < function.Body.Inputs.Count; i++) copier.Map(function.Body.Inputs[i], call.Input(i));
        Node? previous = call.Previous;
        copier.CopyContent(function.Body, graph, call);
        List<Node> added = Between(previous, call);
        for (int i = 0; i < call.Outputs.Length; i++)
        {
            if (call.Outputs[i].IsUnused) continue;
            Value? result = i < function.Body.Outputs.Count ? copier.Of(function.Body.Outputs[i]) : null;
            if (result is null) throw new CompilerException(DiagnosticTable.ModelInvalid, $"node '{call}' reads result {i} of function '{function.Name}', which gives none there");
            // What the operators of the body say of the type wins over what is declared at the call.
            if (result.Type is { } type && call.Outputs[i].Type?.IsCompatible(type) == false) call.Outputs[i].Type = null;
            graph.ReplaceAllUses(call.Outputs[i], result);
        }
        graph.Remove(call);
        return added;
    }

    /// <summary>A parameter's value: from the call, or the function's default; an attribute that neither gives is left out.</summary>
    private static NodeAttribute? Substitute(NodeAttribute attribute, Node call, Function function)
    {
        if (attribute.Reference is not { } parameter) return attribute;
        NodeAttribute? given = call.Attributes.Find(parameter) ?? function.DefaultAttributes.Find(d => d.Name == parameter);
        if (given is null && function.RequiredAttributes.Contains(parameter))
            throw new CompilerException(DiagnosticTable.ModelInvalid, $"node '{call}' does not give the attribute '{parameter}' that function '{function.Name}' needs");
        return given is null ? null : new NodeAttribute(attribute.Name, given.Kind, given.Value, given.Reference);
    }

    private static List<Node> Between(Node? previous, Node call)
    {
        var nodes = new List<Node>();
        for (Node node = previous?.Next ?? call.Graph.Nodes.First!; !ReferenceEquals(node, call); node = node.Next!)
        {
            nodes.Add(node);
            nodes.AddRange(node.Subgraphs.SelectMany(graph => graph.AllNodes()));
        }
        return nodes;
    }

    private static void RemoveFunctions(Model model)
    {
        var used = model.Graph.AllNodes().Select(node => node.Domain).ToHashSet(StringComparer.Ordinal);
        foreach (Function function in model.Functions)
            if (!used.Contains(function.Domain)) model.Opsets.Remove(function.Domain);
        model.Functions.Clear();
    }
}
