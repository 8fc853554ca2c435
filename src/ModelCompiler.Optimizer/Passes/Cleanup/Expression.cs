using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>What a node computes: operator, attributes by content, and operands by identity, in either order where the operator is exactly commutative.</summary>
internal readonly struct Expression : IEquatable<Expression>
{
    // Not Max and Min: of +0 and −0, and of two NaNs, the order decides.
    private static readonly FrozenSet<string> Commutative = FrozenSet.ToFrozenSet(
        ["Add", "Mul", "And", "Or", "Xor", "Equal", "BitwiseAnd", "BitwiseOr", "BitwiseXor"]);

    private readonly int _hash;

    public Expression(Node node)
    {
        Node = node;
        var hash = new HashCode();
        hash.Add(node.OpType);
        hash.Add(node.Domain);
        int operands = 0;
        foreach (Value? input in node.Inputs)
        {
            int operand = input is null ? 0 : RuntimeHelpers.GetHashCode(input);
            operands = IsCommutative(node) ? operands + operand : HashCode.Combine(operands, operand);
        }
        hash.Add(operands);
        foreach (NodeAttribute attribute in node.Attributes) hash.Add(attribute.Name);
        _hash = hash.ToHashCode();
    }

    public Node Node { get; }

    public override int GetHashCode() => _hash;

    public override bool Equals(object? obj) => obj is Expression other && Equals(other);

    public bool Equals(Expression other) => _hash == other._hash
        && Node.OpType == other.Node.OpType && Node.Domain == other.Node.Domain && Node.Overload == other.Node.Overload
        && HaveSameOperands(Node, other.Node) && HaveSameAttributes(Node, other.Node);

    private static bool IsCommutative(Node node) => node.Inputs.Length == 2 && node.Domain.Length == 0 && Commutative.Contains(node.OpType);

    private static bool HaveSameOperands(Node left, Node right)
    {
        ReadOnlySpan<Value?> a = left.Inputs;
        ReadOnlySpan<Value?> b = right.Inputs;
        if (a.Length != b.Length) return false;
        bool areSame = true;
        for (int i = 0; i < a.Length; i++) areSame &= ReferenceEquals(a[i], b[i]);
        return areSame || (IsCommutative(left) && ReferenceEquals(a[0], b[1]) && ReferenceEquals(a[1], b[0]));
    }

    private static bool HaveSameAttributes(Node left, Node right)
    {
        if (left.Attributes.Count != right.Attributes.Count) return false;
        foreach (NodeAttribute attribute in left.Attributes)
            if (right.Attributes.Find(attribute.Name) is not { } other || !AttributeContent.AreSame(attribute, other)) return false;
        return true;
    }
}
